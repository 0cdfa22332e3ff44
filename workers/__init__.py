"""Job drivers: the reading worker, the reconciler, the supervisor."""
