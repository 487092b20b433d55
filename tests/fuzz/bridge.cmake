lotcast_fuzz(fuzz_list_csv SOURCE fuzz_list_csv.c CORPUS corpus/list_csv DEPENDS bridge_app json)
lotcast_fuzz(fuzz_bridge_app SOURCE fuzz_bridge_app.c CORPUS corpus/bridge_app DEPENDS bridge_app socketio)
