package mongo_test

import (
	"testing"

	"havn/internal/store/storetest"
	"havn/internal/store/storetest/mongod"
)

// TestConformance runs on a set of three members, unless another server is
// given.
func TestConformance(t *testing.T) { storetest.Run(t, storetest.Mongo(mongod.URI)) }
