//go:build race

package main

// raceEnabled makes long tests short where each step costs ten.
const raceEnabled = true
