lotcast_test(test_msgpack_golden LABEL golden SOURCES test_msgpack_golden.c DEPENDS socketio os)
set_tests_properties(test_msgpack_golden PROPERTIES ENVIRONMENT "LOTCAST_SOURCE=${PROJECT_SOURCE_DIR}")
lotcast_script_test(msgpack_golden_is_what_the_npm_packages_give LABEL conformance COMMAND node tests/golden/msgpack/generate.mjs --check)
