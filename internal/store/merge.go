package store

import "reflect"

// Merge carries a change made by this program into a document that a newer
// program wrote, so that fields which this program does not know survive.
//
// stored is the document as it lies in the store, before is what this program
// makes of it, and after is that with the change: trees of map[string]any,
// []any and plain values. What is in before but not in after was removed on
// purpose; what is in stored but not in before is not known here, and stays.
// Elements of a list keep their unknown fields if the list did not become
// shorter, or if they did not change.
func Merge(stored, before, after any) any {
	switch after := after.(type) {
	case map[string]any:
		stored, ok1 := stored.(map[string]any)
		before, ok2 := before.(map[string]any)
		if !ok1 || !ok2 {
			return after
		}
		out := make(map[string]any, len(stored)+len(after))
		for key, value := range stored {
			if _, known := before[key]; !known {
				out[key] = value
			}
		}
		for key, value := range after {
			out[key] = Merge(stored[key], before[key], value)
		}
		return out
	case []any:
		stored, ok1 := stored.([]any)
		before, ok2 := before.([]any)
		if !ok1 || !ok2 || len(stored) != len(before) {
			return after
		}
		out := make([]any, len(after))
		for i, value := range after {
			out[i] = value
			if len(after) >= len(before) && i < len(before) {
				out[i] = Merge(stored[i], before[i], value)
				continue
			}
			for j := range before {
				if reflect.DeepEqual(before[j], value) {
					out[i] = stored[j]
					break
				}
			}
		}
		return out
	}
	return after
}
