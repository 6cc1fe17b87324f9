package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.cli.CommandRun.Ended;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class CollectCommandTest {
    private static final String COLLECT = "POST /api/collect";
    private static final String RUN = "GET /api/runs/r1";
    private static final String ACCEPTED =
            "{\"runs\":[{\"run_id\":\"r1\",\"alert_id\":\"a\",\"topic\":\"economy\",\"segments\":[\"a\",\"b\"]}]}";

    private Loopback server;

    @BeforeEach
    void startServer() throws IOException {
        server = new Loopback().on(COLLECT, Loopback.json(202, ACCEPTED));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private CommandRun command() {
        return CommandRun.against(server).at(new HandClock());
    }

    private static Loopback.Reply run(String state, int indexed, int failed) {
        return Loopback.json(200, Answers.run("r1", state, indexed, failed));
    }

    @Test
    void shouldWaitForTheEndOfTheRunAndSayWhatBecameOfIt() {
        server.on(RUN, run("RUNNING", 3, 0), run("RUNNING", 6, 0), run("DONE", 10, 0));

        Ended ended = command().run("collect", "economy", "a", "b");

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).isEqualTo("""
                DONE  economy: a, b  in 1 min 5 s
                  10 tasks, 10 captured, 0 unchanged, 10 enriched, 0 rejected, 10 indexed, 0 failed
                  run r1
                """);
        assertThat(ended.err()).isEmpty();
        assertThat(server.requests().getFirst().body())
                .isEqualTo("{\"topic\":\"economy\",\"segment_targets\":[\"a\",\"b\"]}");
        assertThat(server.requests().get(1).call()).isEqualTo("GET /api/runs/r1?wait=1");
    }

    @ParameterizedTest
    @CsvSource({"PARTIAL, 7, 3, 4", "FAILED, 0, 10, 5"})
    void shouldEndWithACodeForEachStateAndNameTheFailures(String state, int indexed, int failed, int exit) {
        server.on(RUN, run(state, indexed, failed));

        Ended ended = command().run("collect", "economy", "a", "b");

        assertThat(ended.code()).isEqualTo(exit);
        assertThat(ended.out())
                .startsWith(state + "  economy")
                .contains("\n  " + failed + " capture.timeout  economy/a/p/1: slow\n");
    }

    @Test
    void shouldNameAFewFailuresOfEachCodeAndWhatWasCancelled() {
        server.on(RUN, Loopback.json(200, """
                {"run_id":"r1","topic":"economy","segments":["a"],"state":"CANCELLED",
                 "counts":{"tasks":9,"captured":2,"indexed":2,"failed":4,"cancelled":3},
                 "failures":[{"code":"capture.timeout","count":4,"sample":"e/a/p/1: slow","samples":[
                   {"record":"e/a/p/1","message":"slow"},{"record":"e/a/p/2","message":"slower"},
                   {"record":"e/a/p/3","message":"slowest"},{"record":"e/a/p/4","message":"too slow to show"}]}],
                 "rejections":[{"code":"quality.short","count":1,"sample":"e/a/p/9: tiny","samples":[
                   {"record":"e/a/p/9","message":"tiny"}]}]}"""));

        Ended ended = command().run("collect", "economy", "a", "b");

        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.out())
                .startsWith("CANCELLED  economy")
                .contains("4 failed, 3 cancelled\n")
                .contains("\n  4 capture.timeout  e/a/p/1: slow\n    e/a/p/2: slower\n    e/a/p/3: slowest\n"
                        + "  1 quality.short  e/a/p/9: tiny\n  run r1");
    }

    @Test
    void shouldPrintNoChangeWhenOnlyTheEstimateHasChanged() {
        String run = "{\"run_id\":\"r1\",\"state\":\"%s\",\"counts\":{},\"progress\":{\"items_per_second\":%d}}";
        server.on(
                RUN,
                Loopback.json(200, run.formatted("RUNNING", 1)),
                Loopback.json(200, run.formatted("RUNNING", 2)),
                Loopback.json(200, run.formatted("DONE", 2)));

        assertThat(command().run("collect", "--json", "economy", "a", "b").lines())
                .as("accepted, running, done")
                .hasSize(3);
    }

    @Test
    void shouldShowABarOnATerminalAndTakeItAway() {
        server.on(RUN, run("RUNNING", 3, 2), run("DONE", 10, 0));

        Ended ended = command().onTerminal(70).run("collect", "economy", "a", "b");

        assertThat(ended.err())
                .startsWith("\r\u001b[Keconomy  [")
                .contains("5/10 50 %  0.0/s  failed: 2 capture.timeout")
                .endsWith("\r\u001b[K");
        assertThat(ended.err().split("\r\u001b\\[K")).allMatch(line -> Width.of(line) < 70);
        assertThat(ended.out()).startsWith("DONE");
    }

    @Test
    void shouldPrintEachChangeForPrograms() {
        server.on(RUN, run("RUNNING", 3, 0), run("RUNNING", 3, 0), run("DONE", 10, 0));

        Ended ended = command().run("collect", "--json", "economy", "a", "b");

        assertThat(ended.lines())
                .extracting(line -> Json.read(line).orElseThrow())
                .extracting(event -> event.path("event").asText() + " "
                        + event.path("run_id").asText() + " "
                        + event.at("/counts/indexed").asText())
                .containsExactly("accepted r1 ", "run r1 3", "run r1 10");
    }

    @Test
    void shouldFollowAllRunsOfACollectionToTheirEnds() {
        server.on(COLLECT, Loopback.json(202, "{\"runs\":[{\"run_id\":\"r1\"},{\"run_id\":\"r2\"}]}"));
        server.on(RUN, run("RUNNING", 1, 0), run("DONE", 10, 0));
        server.on("GET /api/runs/r2", Loopback.json(200, Answers.run("r2", "FAILED", 0, 10)));

        Ended ended = command().run("collect", "alert", "a");

        assertThat(ended.code()).as("one of two is done").isEqualTo(4);
        assertThat(ended.lines())
                .filteredOn(line -> !line.startsWith(" "))
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactly("DONE", "FAILED");
    }

    @Test
    void shouldOrderOnceThoughTheConnectionBreaks() {
        server.on(COLLECT, exchange -> {}, Loopback.json(202, ACCEPTED));
        server.on(RUN, run("DONE", 10, 0));

        assertThat(command().run("collect", "economy", "a").code()).isZero();
        assertThat(server.requests().subList(0, 2))
                .extracting(request -> request.headers().getFirst("Idempotency-Key"))
                .doesNotContainNull()
                .containsOnly(server.requests().getFirst().headers().getFirst("Idempotency-Key"));
    }

    @Test
    void shouldNotCareThatARunCannotBeSeenForAWhile() {
        server.on(
                RUN,
                Loopback.problem(404, "run.unknown", "Not seen yet."),
                Loopback.problem(503, "not-ready", "Moving."),
                Loopback.problem(429, "busy", "Too many wait."),
                run("RUNNING", 1, 0),
                run("DONE", 10, 0));
        HandClock clock = new HandClock();

        assertThat(command().at(clock).run("collect", "economy", "a").code()).isZero();
        assertThat(server.requests().stream().skip(1).map(Loopback.Request::call))
                .as("once too many wait, it waits itself")
                .containsExactly(
                        "GET /api/runs/r1?wait=1",
                        "GET /api/runs/r1?wait=1",
                        "GET /api/runs/r1?wait=1",
                        "GET /api/runs/r1",
                        "GET /api/runs/r1");
        assertThat(clock.slept()).hasSizeGreaterThanOrEqualTo(4).containsOnly(Duration.ofSeconds(1));
    }

    @Test
    void shouldGiveUpARunThatCannotBeSeenForAMinute() {
        server.on(RUN, Loopback.problem(503, "not-ready", "Moving."));
        HandClock clock = new HandClock();

        Ended ended = command().at(clock).run("collect", "economy", "a");

        assertThat(ended.code()).isEqualTo(10);
        assertThat(ended.err())
                .endsWith("penstock: The run r1 may go on, but cannot be followed. Moving. (not-ready)\n");
        assertThat(clock.nanos())
                .isBetween(
                        Duration.ofSeconds(60).toNanos(), Duration.ofSeconds(63).toNanos());
    }

    @Test
    void shouldStopWatchingWhenItWasTold() {
        HandClock clock = new HandClock();
        server.on(RUN, exchange -> {
            clock.pass(Duration.ofSeconds(1));
            run("RUNNING", 1, 0).to(exchange);
        });

        Ended ended = command().at(clock).run("collect", "--timeout", "5", "economy", "a");

        assertThat(ended.code()).isEqualTo(11);
        assertThat(ended.err()).startsWith("penstock: The run, which goes on, was not over within 5 s");
        assertThat(server.requests()).hasSize(6);
    }

    @Test
    void shouldNotWaitWhenItWasTold() {
        assertThat(command().run("collect", "--no-wait", "economy", "a")).isEqualTo(new Ended(0, "r1\n", ""));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void shouldWantATopicAndASegment() {
        Ended ended = command().run("collect", "economy");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err())
                .startsWith("penstock: Missing required parameter: 'SEGMENT'")
                .contains("./penstock collect --help");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void shouldSayWhatIsRefused() {
        server.on(COLLECT, Loopback.problem(404, "segment.unknown", "There is no segment 'x'."));

        assertThat(command().run("collect", "economy", "x"))
                .isEqualTo(new Ended(8, "", "penstock: There is no segment 'x'. (segment.unknown)\n"));
    }
}
