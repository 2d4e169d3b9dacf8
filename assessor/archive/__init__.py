"""Sealed files: bags, receipts, time stamps and encryption. The jobs themselves, which also run and check, are `assessor.sealing` and `assessor.verifying`."""
