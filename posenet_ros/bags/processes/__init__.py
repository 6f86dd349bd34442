"""Converting several bags, also in several processes at the same time."""
