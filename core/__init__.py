"""What every stage stands on: settings, vocabulary, tables, storage, queue, audit. Imports nothing of ours."""
