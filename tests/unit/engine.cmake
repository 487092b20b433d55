lotcast_test(test_engine_ledger LABEL unit SOURCES engine_ledger.c DEPENDS auction_io)
lotcast_test(test_engine_service LABEL unit SOURCES engine_service.c DEPENDS auction_service core_room)
set_source_files_properties(engine_ledger.c PROPERTIES COMPILE_DEFINITIONS _XOPEN_SOURCE=700)
lotcast_test(test_engine_migration LABEL unit SOURCES engine_migration.c DEPENDS auction_io)
target_compile_definitions(test_engine_migration PRIVATE _XOPEN_SOURCE=700
                           VERSION_1_FILE="${PROJECT_SOURCE_DIR}/tests/golden/ledger_version_1.sql")
