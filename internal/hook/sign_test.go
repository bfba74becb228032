package hook_test

import (
	"testing"
	"time"

	"havn/internal/hook"
)

// The example that Standard Webhooks' own libraries are tested with.
func TestMessagesAreSignedAsTheSpecificationsExample(t *testing.T) {
	t.Parallel()
	at := time.Unix(1614265330, 0)
	const id, body, secret, want = "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	got, err := hook.Sign(id, at, []byte(body), secret)
	if err != nil || got != want {
		t.Errorf("%q %v", got, err)
	}
	both, err := hook.Sign(id, at, []byte(body), "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", secret)
	if err != nil || len(both) != 2*len(want)+1 || both[len(want)+1:] != want {
		t.Errorf("two secrets: %q %v", both, err)
	}
}
