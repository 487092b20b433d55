lotcast_script_test(library LABEL e2e TIMEOUT 120 COMMAND node --test tests/e2e/library.test.mjs)
set_property(TEST library APPEND PROPERTY ENVIRONMENT "LOTCAST_SANITIZE=${LOTCAST_SANITIZE}")
