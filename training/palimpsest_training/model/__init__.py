"""The networks and the exact rules around them: VAE, T5 encoder, DiT, RoPE, packing, flow."""
