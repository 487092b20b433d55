lotcast_fuzz(fuzz_relay SOURCE fuzz_relay.c CORPUS corpus/relay DEPENDS relay_world)
