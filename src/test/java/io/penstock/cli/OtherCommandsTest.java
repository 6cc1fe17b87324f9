package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.CommandRun.Ended;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code search}, {@code status} and {@code mirror}. */
@Timeout(30)
class OtherCommandsTest {
    private static final String HITS =
            "{\"hits\":[" + Answers.CITATION + "],\"shards\":{\"asked\":4,\"answered\":4,\"stale\":0}}";
    private static final String HEALTHY =
            "{\"status\":\"UP\",\"checks\":[{\"name\":\"topologies\",\"status\":\"UP\"}]}";

    private Loopback server;

    @BeforeEach
    void startServer() throws IOException {
        server = new Loopback();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private CommandRun command() {
        return CommandRun.against(server);
    }

    @Test
    void shouldPrintWhatIsFound() {
        server.on("GET /api/search", Loopback.json(200, HITS));

        Ended ended = command()
                .run(
                        "search",
                        "a pilot",
                        "& more",
                        "--topic",
                        "harbour",
                        "-k",
                        "5",
                        "--mode",
                        "dense",
                        "--from",
                        "2026-01-01T00:00:00+01:00",
                        "--run",
                        "r1");

        assertThat(ended).isEqualTo(new Ended(0, """
                1. Notice 18  harbour/notices, inline:p/n-18, characters 4 to 27  1.000
                    Pilotage is compulsory.
                """, ""));
        assertThat(server.requests().getFirst().call())
                .isEqualTo("GET /api/search?q=a%20pilot%20%26%20more&topic=harbour&k=5&mode=dense"
                        + "&from=2026-01-01T00%3A00%3A00%2B01%3A00&run=r1");
        assertThat(command().run("search", "--json", "a").out()).isEqualTo(HITS + "\n");
    }

    @Test
    void shouldEndWith3WhenNothingIsFoundAndSayWhenNotAllAnswered() {
        server.on("GET /api/search", Loopback.json(200, "{\"hits\":[],\"shards\":{\"asked\":4,\"answered\":3}}"));

        Ended ended = command().run("search", "a");

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isEqualTo("""
                        penstock: nothing was found
                        penstock: only 3 of 4 parts of the index answered; others may hold more
                        """);
    }

    @Test
    void shouldShowTheStateOfEverything() {
        server.on("GET /q/health", Loopback.json(200, HEALTHY));
        server.on("GET /api/topologies", Loopback.json(200, """
                {"topologies":[
                  {"name":"chat","guarantee":"exactly_once_v2","threads":2,"state":"RUNNING","restarts":0,"lag":17,"url":"u1"},
                  {"name":"capture","state":"INVALID","fault":"line 3 of capture.yaml","url":"u1"}],
                 "instances":[{"id":"i1","url":"u1","roles":["gateway","rag"],"answered":true},
                  {"id":"i2","url":"u2","roles":["processors"],"answered":false,"failure":"it is gone"}],
                 "config_faults":[{"file":"x.json","fault":"no JSON"},{"file":"y.json","fault":"y.json, line 3: no JSON"}]}"""));
        server.on(
                "GET /api/catalog",
                Loopback.json(200, """
                        {"topics":[{"topic":"economy","state":"ACTIVE","segments":[
                          {"segment":"a","state":"ACTIVE","processors":2},{"segment":"b","state":"ACTIVE","processors":0}]}],
                         "next":"economy"}"""),
                Loopback.json(
                        200,
                        "{\"topics\":[{\"topic\":\"harbour\",\"state\":\"DELETING\",\"segments\":[]}],\"next\":null}"));

        Ended ended = command().run("status");

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).isEqualTo("""
                Penstock at %s is ready

                  INSTANCE  ADDRESS  ROLES
                  i1        u1       gateway, rag
                  i2        u2       processors    does not answer: it is gone

                  TOPOLOGY  STATE    GUARANTEE        THREADS  LAG  RESTARTS  AT
                  chat      RUNNING  exactly_once_v2  2        17   0         u1
                  capture   INVALID                            ?              u1
                  capture: line 3 of capture.yaml
                look at x.json: no JSON
                look at y.json, line 3: no JSON

                  TOPIC    STATE     SEGMENT  STATE   PROCESSORS
                  economy  ACTIVE    a        ACTIVE  2
                                     b        ACTIVE  0
                  harbour  DELETING
                """.formatted(server.url()));
        assertThat(server.requests().getLast().call()).isEqualTo("GET /api/catalog?after=economy");
    }

    @Test
    void shouldPrintOneDocumentOfTheState() {
        server.on("GET /q/health", Loopback.json(200, HEALTHY));
        server.on("GET /api/topologies", Loopback.json(200, "{\"topologies\":[],\"instances\":[]}"));
        server.on("GET /api/catalog", Loopback.json(200, "{\"topics\":[],\"next\":null}"));

        Ended ended = command().run("status", "--json");

        assertThat(ended.lines()).hasSize(1);
        JsonNode status = Json.read(ended.out()).orElseThrow();
        assertThat(status.path("ready").asBoolean()).isTrue();
        assertThat(status.at("/health/status").asText()).isEqualTo("UP");
        assertThat(status.path("topics").isArray()).isTrue();
    }

    @Test
    void shouldEndWith3WhenPenstockIsNotReady() {
        server.on("GET /q/health", Loopback.json(503, """
                {"status":"DOWN","checks":[{"name":"topologies","status":"DOWN","data":{"reason":"chat is starting"}}]}"""));
        server.on("GET /api/topologies", Loopback.problem(503, "not-ready", "Penstock is starting."));

        Ended ended = command().run("status");

        assertThat(ended).isEqualTo(new Ended(3, """
                Penstock at %s is not ready
                  topologies: chat is starting
                  Penstock is starting.
                """.formatted(server.url()), ""));
    }

    @Test
    void shouldNotTakeAnotherServersHealthForPenstocks() {
        server.on("GET /q/health", Loopback.json(200, "{\"healthy\":true}"));
        assertThat(command().run("status").code()).isEqualTo(9);

        server.on("GET /q/health", Loopback.whole(404, "text/plain", "Not found"));
        assertThat(command().run("status").err()).endsWith("(http.404)\n");
    }

    @Test
    void shouldShowMirrors() {
        server.on("GET /api/mirrors", Loopback.json(200, """
                {"mirrors":[{"name":"redis","state":"DOWN","backlog":5,"upserts":3,"deletes":1,"skipped":0,"failures":2,
                 "rebuilds":0,"last_error":{"code":"mirror.unreachable","detail":"Redis does not answer."}}]}"""));

        assertThat(command().run("mirror").out()).isEqualTo("""
                  MIRROR  STATE  BACKLOG  UPSERTS  DELETES  SKIPPED  FAILURES  REBUILDS
                  redis   DOWN   5        3        1        0        2         0
                  redis: Redis does not answer. (mirror.unreachable)
                """);
        server.on("GET /api/mirrors", Loopback.json(200, "{\"mirrors\":[]}"));
        assertThat(command().run("mirror").out()).isEqualTo("No mirror is turned on.\n");
        assertThat(command().run("mirror", "--json").out()).isEqualTo("{\"mirrors\":[]}\n");
    }

    @Test
    void shouldOrderThatAMirrorIsRebuilt() {
        server.on(
                "POST /api/mirrors/redis/rebuild", Loopback.json(202, "{\"name\":\"redis\",\"state\":\"REBUILDING\"}"));

        assertThat(command().run("mirror", "rebuild", "redis").out()).isEqualTo("redis is REBUILDING\n");

        server.on("POST /api/mirrors/x/rebuild", Loopback.problem(404, "mirror.unknown", "There is no mirror 'x'."));
        assertThat(command().run("mirror", "rebuild", "x").code()).isEqualTo(8);
        assertThat(command().run("mirror", "build", "x").code()).isEqualTo(2);
    }

    @Test
    void shouldHelpAndRefuseWhatThereIsNot() {
        for (String name : new String[] {"ask", "chat", "collect", "search", "status", "mirror"}) {
            Ended help = command().run(name, "--help");
            assertThat(help.code()).isZero();
            assertThat(help.out()).startsWith("Usage: ./penstock " + name).contains("--json", "--url", "--key-file");
            assertThat(help.err()).isEmpty();

            Ended refused = command().run(name, "--no-such-option", "--json");
            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.err()).contains("`./penstock " + name + " --help`");
            assertThat(refused.out()).startsWith("{\"event\":\"error\",\"code\":\"client.usage\"");
        }
        assertThat(command().run("ask", "--no-such-option").err()).contains("Unknown option: '--no-such-option'");
        assertThat(command().run("nothing").code()).isEqualTo(2);
        assertThat(command().run("search").code()).isEqualTo(2);
        assertThat(command().run("search", "x", "--timeout", "soon").err()).contains("'soon' is no duration");
        assertThat(server.requests()).isEmpty();
    }
}
