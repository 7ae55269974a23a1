"""The synthetic world: scenes of sprites whose edits, masks and frames are known exactly."""
