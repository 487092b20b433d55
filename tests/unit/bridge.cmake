lotcast_test(test_bridge_order LABEL unit SOURCES test_bridge_order.c DEPENDS bridge_app)
lotcast_test(test_bridge_parts LABEL unit SOURCES test_bridge_parts.c DEPENDS bridge_app)
lotcast_test(test_bridge_csv LABEL unit SOURCES test_bridge_csv.c DEPENDS bridge_app)
lotcast_test(test_bridge_token LABEL unit SOURCES test_bridge_token.c
             DEPENDS bridge_token bridge_digest bridge_files)
lotcast_test(test_bridge_cluster LABEL unit SOURCES test_bridge_cluster.c DEPENDS bridge_app bridge_checks)
add_library(bridges_world STATIC bridges_world.c socketio_world.c)
target_link_libraries(bridges_world PUBLIC lotcast_options bridge_app socketio PkgConfig::CMOCKA)
lotcast_test(test_bridge_restore LABEL unit SOURCES bridge_restore.c DEPENDS bridges_world)
