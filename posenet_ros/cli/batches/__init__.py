"""What commands have in common that process several recordings or videos."""
