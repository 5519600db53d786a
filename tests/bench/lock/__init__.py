"""What our lock in memory costs beside others', npm async-lock on Node above all."""
