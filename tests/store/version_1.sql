-- A store as the first released program left it; never edited afterwards.
PRAGMA application_id = 1363955028;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE aims (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, side TEXT NOT NULL,
  low_n REAL NOT NULL, high_n REAL NOT NULL, too_hard_n REAL NOT NULL, comfortable_n REAL NOT NULL,
  target_hz REAL NOT NULL, side_s REAL NOT NULL,
  PRIMARY KEY (session, side)
) WITHOUT ROWID;
CREATE TABLE answers (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, day TEXT NOT NULL,
  question TEXT NOT NULL, yes INTEGER NOT NULL
);
CREATE TABLE boots (
  boot TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, machine_boot TEXT,
  first_t_s REAL NOT NULL, offset_s REAL NOT NULL, clock_synced INTEGER NOT NULL
);
INSERT INTO "boots" VALUES('00000001',1,NULL,100.0,1772452700.0,1);
CREATE TABLE choices (
  person TEXT PRIMARY KEY REFERENCES people ON DELETE CASCADE, position TEXT NOT NULL, ball TEXT NOT NULL,
  start TEXT, only_side TEXT, extra_left_s REAL NOT NULL, extra_right_s REAL NOT NULL, note TEXT NOT NULL
);
CREATE TABLE chunks (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, first_t_s REAL NOT NULL,
  frames INTEGER NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (session, first_t_s)
);
CREATE TABLE comforts (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at_s REAL NOT NULL,
  side TEXT NOT NULL, position TEXT NOT NULL, ball TEXT,
  force_n REAL NOT NULL, low_n REAL NOT NULL, high_n REAL NOT NULL, loads INTEGER NOT NULL
);
CREATE TABLE events (
  boot TEXT NOT NULL REFERENCES boots, number INTEGER NOT NULL,
  person TEXT REFERENCES people ON DELETE CASCADE, session INTEGER REFERENCES sessions ON DELETE CASCADE,
  t_s REAL NOT NULL, name TEXT NOT NULL, side TEXT, detail TEXT NOT NULL,
  PRIMARY KEY (boot, number)
) WITHOUT ROWID;
CREATE TABLE notes (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at_s REAL NOT NULL,
  session INTEGER REFERENCES sessions ON DELETE SET NULL, side TEXT, text TEXT NOT NULL
);
CREATE TABLE people (person TEXT PRIMARY KEY, name TEXT, since_s REAL NOT NULL);
INSERT INTO "people" VALUES('a1b2c3d4','Anna',1772452800.0);
CREATE TABLE seconds (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, second INTEGER NOT NULL,
  state TEXT NOT NULL, side TEXT, force_n REAL, force_max_n REAL, x_mm REAL, y_mm REAL, cadence_hz REAL,
  cycles INTEGER NOT NULL, worked_s REAL NOT NULL,
  below_s REAL NOT NULL, inside_s REAL NOT NULL, above_s REAL NOT NULL, hard_s REAL NOT NULL,
  PRIMARY KEY (session, second)
) WITHOUT ROWID;
CREATE TABLE sessions (
  session INTEGER PRIMARY KEY AUTOINCREMENT,
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  boot TEXT NOT NULL REFERENCES boots, event INTEGER NOT NULL,
  began_t_s REAL NOT NULL, ended_t_s REAL, ended TEXT, reason TEXT,
  position TEXT NOT NULL, ball TEXT,
  UNIQUE (boot, event)
);
INSERT INTO "sessions" VALUES(1,'a1b2c3d4','00000001',1,100.0,190.0,'done',NULL,'floor',NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sides (
  session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE, side TEXT NOT NULL,
  worked_s REAL NOT NULL, below_s REAL NOT NULL, inside_s REAL NOT NULL, above_s REAL NOT NULL, hard_s REAL NOT NULL,
  force_n REAL, force_sd_n REAL, force_max_n REAL, cadence_hz REAL, cadence_sd_hz REAL, cycles INTEGER NOT NULL,
  x_mm REAL, y_mm REAL,
  PRIMARY KEY (session, side)
) WITHOUT ROWID;
CREATE TABLE spots (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, at_s REAL NOT NULL,
  session INTEGER REFERENCES sessions ON DELETE CASCADE,
  side TEXT NOT NULL, position TEXT NOT NULL, x_mm REAL NOT NULL, y_mm REAL NOT NULL,
  force_n REAL, dwell_s REAL, marked INTEGER NOT NULL
);
CREATE TABLE unlocks (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, day TEXT NOT NULL,
  question TEXT NOT NULL, clinician TEXT NOT NULL
);
CREATE INDEX sessions_of_person ON sessions (person, session);
CREATE INDEX events_of_person ON events (person);
CREATE INDEX events_of_session ON events (session);
CREATE INDEX comforts_of_person ON comforts (person, at_s);
CREATE INDEX spots_of_person ON spots (person, at_s);
CREATE INDEX answers_of_person ON answers (person, day);
CREATE INDEX unlocks_of_person ON unlocks (person);
CREATE INDEX notes_of_person ON notes (person, at_s);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sessions',1);
COMMIT;
