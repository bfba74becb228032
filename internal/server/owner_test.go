package server_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// folder is the sample course under another slug, zipped as a trainer sends it.
func folder(t *testing.T, slug, notes string) string {
	t.Helper()
	files := map[string]string{"NOTES.md": notes}
	fsys := sample(t, nil)
	if err := fs.WalkDir(fsys, "first-contact", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		name = strings.TrimPrefix(name, "first-contact/")
		files[name] = strings.Replace(string(text), "slug: first-contact", "slug: "+slug, 1)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return zipped(t, files)
}

// A course belongs to the organisation whose trainer published it first: its
// trainers, those above it and the site's publish it anew, and no others.
func TestACourseBelongsToItsTrainers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, nil))
		site := h.admin()
		a, b := site.organisation("Authority A", ""), site.organisation("Authority B", "")
		trainerA, trainerB := h.invited("Trainer A", site.invite(a, 1, "trainer")), h.invited("Trainer B", site.invite(b, 1, "trainer"))
		course := path("/courses/%s/publications", "harbour-talk")
		trainerB.refuse("forbidden", "POST", path("/courses/%s/publications", "first-contact"), folder(t, "first-contact", ""))
		trainerA.want(201, "POST", course, folder(t, "harbour-talk", ""))
		trainerB.refuse("forbidden", "POST", course, folder(t, "harbour-talk", "changed"))
		trainerA.want(201, "POST", course, folder(t, "harbour-talk", "mended"))
		site.want(201, "POST", course, folder(t, "harbour-talk", "by the site"))
		trainerB.refuse("forbidden", "POST", course, folder(t, "harbour-talk", "changed once more"))
		trainerA.want(201, "POST", course, folder(t, "harbour-talk", "mended again"))
		trainerB.want(200, "GET", "/api/v1/courses/harbour-talk", nil)
		if status, _, page := h.browserOf(trainerA).get("/trainer"); status != 200 || !bytes.Contains(page, []byte("/trainer/harbour-talk/versions")) || bytes.Contains(page, []byte("/trainer/first-contact")) {
			t.Errorf("a trainer of an organisation sees their course and not the site's folders: %d %s", status, page)
		}
		if status, _, page := h.browserOf(trainerB).get("/trainer"); status != 200 || bytes.Contains(page, []byte("/trainer/harbour-talk")) {
			t.Errorf("a trainer of another one: %d %s", status, page)
		}
	})
}
