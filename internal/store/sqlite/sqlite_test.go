package sqlite_test

import (
	"testing"

	"havn/internal/store/storetest"
)

func TestConformance(t *testing.T) { storetest.Run(t, storetest.SQLite()) }
