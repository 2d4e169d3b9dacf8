"""Bills of materials: CycloneDX and SPDX in every serialization, and hardware sheets once their rows are read."""
