package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.RunState;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Protocol;

@Timeout(60)
class RedisTargetTest {
    private static final Duration TTL = Duration.ofDays(30);
    private static final String RECORD = "penstock:record:harbour/notices/p/n-17";

    @TempDir
    private static Path folder = Path.of("");

    private static RealRedis redis;

    private final Instant now = Instant.now();
    private RedisTarget target;

    @BeforeAll
    static void start() {
        redis = new RealRedis(folder);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void open() {
        redis.ask(client -> client.flushAll());
        target = new RedisTarget(redis.url(), "penstock", TTL, () -> now);
        assertThat(target.open()).isEmpty();
    }

    @AfterEach
    void close() {
        target.close();
    }

    @Test
    void shouldKeepRecordsAndRunsAsHashesForATime() {
        target.apply(List.of(
                Samples.inference("harbour/notices/p/n-17", "The quay is closed."), Samples.run("r1", RunState.DONE)));

        assertThat(redis.hash(RECORD))
                .containsEntry("topic", "harbour")
                .containsEntry("text", "The quay is closed.")
                .containsEntry("captured_at", "2026-11-20T12:00:00Z")
                .containsEntry("labels", "[{\"name\":\"easing\",\"score\":0.5}]")
                .doesNotContainKeys("analysis", "fence");
        assertThat(redis.hash("penstock:run:r1")).containsEntry("state", "DONE").containsEntry("indexed", "3");
        assertThat(redis.<Long>ask(client -> client.pttl(RECORD))).isBetween(TTL.toMillis() - 60_000, TTL.toMillis());
    }

    @Test
    void shouldReplaceAHashWholeAndDeleteIt() {
        redis.ask(client -> client.hset(RECORD, "analysis", "of before"));

        target.apply(List.of(Samples.inference("harbour/notices/p/n-17", "Open again.")));
        assertThat(redis.hash(RECORD)).containsEntry("text", "Open again.").doesNotContainKey("analysis");

        target.apply(List.of(new Change.Delete(MirrorSource.RECORDS, "harbour/notices/p/n-17")));
        target.apply(List.of(new Change.Delete(MirrorSource.RECORDS, "harbour/notices/p/n-17")));
        assertThat(redis.keys("*")).isEmpty();
    }

    @Test
    void shouldSweepWhatIsNotLiveAndNothingOfOthers() {
        redis.ask(client -> client.set("other:record:a", "not ours"));
        List<Change> records = IntStream.range(0, 600)
                .<Change>mapToObj(i -> Samples.inference("harbour/notices/p/" + i, "old"))
                .toList();
        target.batches(records).forEach(target::apply);
        LiveKeys live = new LiveKeys();
        live.add(target.nameOf(MirrorSource.RECORDS, "harbour/notices/p/7"));

        assertThat(target.sweep(live)).isEqualTo(599);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("penstock:record:harbour/notices/p/7", "other:record:a");
    }

    @Test
    void shouldProlongWhatIsThereAndTheMarkNotBeyondIt() {
        target.apply(List.of(Samples.inference("harbour/notices/p/n-17", "The quay is closed.")));
        redis.ask(client -> client.pexpire(RECORD, 60_000));

        target.mark("this one");

        assertThat(target.open()).isEqualTo("this one");
        assertThat(redis.<Long>ask(client -> client.pttl(RECORD))).isGreaterThan(TTL.toMillis() - 60_000);
        assertThat(redis.<Long>ask(client -> client.pttl("penstock:mirror") - client.pttl(RECORD)))
                .isLessThanOrEqualTo(0);
        redis.ask(client -> client.pexpire(RECORD, 60_000));
        assertThat(target.keep(now.plus(TTL.dividedBy(2)))).isTrue();
        assertThat(redis.<Long>ask(client -> client.pttl(RECORD))).isGreaterThan(TTL.toMillis() - 60_000);
    }

    @Test
    void shouldNoticeThatEverythingWasLost() {
        target.mark("this one");
        redis.ask(client -> client.flushAll());

        assertThat(target.keep(now)).isFalse();
    }

    @Test
    void shouldSayWhatIsWrongWithoutTheSecret() {
        try (RedisTarget nowhere = new RedisTarget(
                URI.create("redis://u:hushhush@127.0.0.1:" + RealRedis.freePort()), "p", TTL, () -> now)) {
            assertThatThrownBy(nowhere::open).isInstanceOfSatisfying(PenstockException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_UNREACHABLE);
                assertThat(e.detail()).contains("127.0.0.1").doesNotContain("hushhush");
            });
        }
    }

    @Test
    @SuppressWarnings("deprecation") // the client has no other way to say this to the server
    void shouldSayThatThePasswordIsWrong() {
        redis.ask(
                client -> client.sendCommand(Protocol.Command.ACL, "SETUSER", "keeper", "on", ">right", "~*", "+@all"));
        URI url = URI.create(redis.url().toString().replace("://", "://keeper:hushhush@"));
        try (RedisTarget stranger = new RedisTarget(url, "p", TTL, () -> now)) {
            assertThatThrownBy(stranger::open).isInstanceOfSatisfying(PenstockException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_UNAUTHORIZED);
                assertThat(e.detail()).contains("REDIS_URL").doesNotContain("hushhush");
            });
        }
    }

    @Test
    void shouldNotTakeAMemoryLimitForAFaultOfTheRecord() {
        redis.ask(client -> client.configSet("maxmemory", "1"));
        try {
            assertThatThrownBy(() -> target.apply(List.of(Samples.run("r1", RunState.DONE))))
                    .isInstanceOfSatisfying(
                            PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_UNREACHABLE));
        } finally {
            redis.ask(client -> client.configSet("maxmemory", "0"));
        }
    }
}
