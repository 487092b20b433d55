find_program(NODE_PROGRAM node)
find_program(MOSQUITTO_PROGRAM mosquitto PATHS /usr/sbin)
if(NODE_PROGRAM AND MOSQUITTO_PROGRAM)
  lotcast_script_test(engine_faults LABEL faults TIMEOUT 240
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/faults/engine.test.mjs)
  # A library to put before the engine: neither the project's flags nor a sanitizer belong in it.
  add_library(clock_shim MODULE clock_shim.c)
  set_target_properties(clock_shim PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  lotcast_script_test(engine_clock LABEL faults TIMEOUT 240
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/faults/clock.test.mjs)
  add_library(disk_shim MODULE disk_shim.c)
  set_target_properties(disk_shim PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  lotcast_script_test(ledger_faults LABEL faults TIMEOUT 240
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/faults/ledger.test.mjs)
  lotcast_script_test(engine_peers LABEL faults TIMEOUT 240
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/faults/engines.test.mjs)
endif()
