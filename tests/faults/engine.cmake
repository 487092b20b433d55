find_program(NODE_PROGRAM node)
find_program(MOSQUITTO_PROGRAM mosquitto PATHS /usr/sbin)
if(NODE_PROGRAM AND MOSQUITTO_PROGRAM)
  lotcast_script_test(engine_faults LABEL faults TIMEOUT 240
                      COMMAND ${NODE_PROGRAM} --test --test-concurrency=1 tests/faults/engine.test.mjs)
endif()
