lotcast_test(test_admin_parts LABEL unit SOURCES admin_parts.c DEPENDS socketio_admin)
lotcast_test(test_admin LABEL unit SOURCES admin.c admin_world.c DEPENDS socketio_admin)
lotcast_test(test_admin_watch LABEL unit SOURCES admin_watch.c admin_world.c DEPENDS socketio_admin)
lotcast_test(test_bridge_password LABEL unit SOURCES test_bridge_password.c DEPENDS bridge_admin_host)
