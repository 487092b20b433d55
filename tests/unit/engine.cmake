lotcast_test(test_engine_ledger LABEL unit SOURCES engine_ledger.c DEPENDS auction_io)
lotcast_test(test_engine_service LABEL unit SOURCES engine_service.c DEPENDS auction_service core_room)
lotcast_test(test_service_rules LABEL unit SOURCES service_rules.c DEPENDS auction_service core_room)
lotcast_test(test_engine_imports LABEL unit SOURCES engine_imports.c DEPENDS auction_service)
lotcast_test(test_engine_agenda LABEL unit SOURCES engine_agenda.c DEPENDS auction_service)
lotcast_test(test_engine_peers LABEL unit SOURCES engine_peers.c DEPENDS auction_service)
set_source_files_properties(engine_ledger.c engine_peers.c PROPERTIES COMPILE_DEFINITIONS _XOPEN_SOURCE=700)
set(version_1_file "${PROJECT_SOURCE_DIR}/tests/golden/ledger_version_1.sql")
lotcast_test(test_engine_migration LABEL unit SOURCES engine_migration.c DEPENDS auction_io)
target_compile_definitions(test_engine_migration PRIVATE _XOPEN_SOURCE=700
                           VERSION_1_FILE="${version_1_file}")
add_library(ledger_room STATIC ledger_room.c)
target_compile_definitions(ledger_room PRIVATE _XOPEN_SOURCE=700)
target_link_libraries(ledger_room PUBLIC lotcast_options auction_service PkgConfig::CMOCKA)
lotcast_test(test_engine_recovery LABEL unit SOURCES engine_recovery.c DEPENDS ledger_room)
target_compile_definitions(test_engine_recovery PRIVATE VERSION_1_FILE="${version_1_file}")
# With a link of its own in place of the real one.
lotcast_test(test_engine_epochs LABEL unit SOURCES engine_epochs.c "${PROJECT_SOURCE_DIR}/auction-svc/service/epoch_watch.c"
             DEPENDS wire os base)
