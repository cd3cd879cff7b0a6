package main

import (
	"context"
	"log/slog"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/robfig/cron/v3"
)

// notifyReady tells systemd that the daemon serves; without systemd it does nothing.
func notifyReady(log *slog.Logger) {
	if _, err := systemd.SdNotify(false, systemd.SdNotifyReady); err != nil {
		log.Warn("tell systemd", "error", err)
	}
}

// watchdog tells systemd in time that the daemon is alive, as long as alive says so.
func watchdog(ctx context.Context, alive func() error, log *slog.Logger) error {
	interval, err := systemd.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return err
	}
	tick := time.NewTicker(interval / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := alive(); err != nil {
				log.Error("not alive", "error", err)
				continue
			}
			_, _ = systemd.SdNotify(false, systemd.SdNotifyWatchdog)
		}
	}
}

// byTheClock does something again and again. Nothing that must happen in time
// depends on it: whether something is due is the engine's own, which also looks
// by itself.
func byTheClock(ctx context.Context, spec string, do func()) error {
	c := cron.New(cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	if _, err := c.AddFunc(spec, do); err != nil {
		return err
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// retrying runs a part again when it fails, after a pause that grows, until ctx
// ends: a part that talks to the outside may fail, the daemon must not.
func retrying(ctx context.Context, name string, log *slog.Logger, run func(context.Context) error) error {
	pause := time.Second
	for {
		began := time.Now()
		err := run(ctx)
		if ctx.Err() != nil {
			return nil
		}
		log.Error("part stopped", "part", name, "error", err, "again_in", pause.String())
		if time.Since(began) > time.Minute {
			pause = time.Second
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Minute)
	}
}
