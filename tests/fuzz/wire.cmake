lotcast_fuzz(fuzz_wire_command SOURCE fuzz_wire_command.c CORPUS corpus/wire_command DEPENDS wire)
lotcast_fuzz(fuzz_wire_read SOURCE fuzz_wire_read.c CORPUS corpus/wire_read DEPENDS wire)
