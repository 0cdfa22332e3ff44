"""The `xuefen` command."""
