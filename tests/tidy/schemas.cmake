# Needs the packages of tests/package.json (npm ci in tests/); without them it is skipped with a line that says so.
lotcast_script_test(tidy_schemas LABEL tidy COMMAND node "${CMAKE_CURRENT_LIST_DIR}/validate-schemas.mjs")
