package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthCmd struct {
	Listen string `env:"HAVN_LISTEN" default:"127.0.0.1:8080" help:"Address that the server listens on."`
}

// Run asks the server on this machine whether it is ready. Containers without a
// shell or curl use it as their health check.
func (c *healthCmd) Run() error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	client := http.Client{Timeout: 5 * time.Second}
	r, err := client.Get("http://" + net.JoinHostPort(host, port) + "/readyz")
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", r.Status)
	}
	return nil
}
