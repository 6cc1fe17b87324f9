package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Answerer;
import io.penstock.answer.Passage;
import io.penstock.answer.Question;
import io.penstock.answer.ReplyListener;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Citation;
import io.penstock.schema.Conversation;
import io.penstock.schema.Fence;
import io.penstock.schema.Turn;
import io.penstock.schema.Usage;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.stage.CallException;
import io.penstock.stage.CallExecutor;
import io.penstock.stage.StageClock;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.DrivenTopology;
import io.penstock.topology.DrivenTopology.Letter;
import io.penstock.topology.DrivenTopology.Out;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The topology of the chat on the test driver: calls run when they are released, and time passes when told to. */
abstract class DrivenChat {
    static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    static final ChatSettings SETTINGS = new ChatSettings(
            1, 4, Duration.ofSeconds(60), 8, 50, new MemorySettings(3, 1_000, Duration.ofDays(30), 5), 100);

    final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    final Calls calls = new Calls();
    final List<SearchRequest> searches = new ArrayList<>();
    final List<Question> questions = new ArrayList<>();
    final Queue<CallException> failures = new ArrayDeque<>();
    final TopicsOfOthers others = new TopicsOfOthers();

    @Nullable
    PenstockException searchFailure;
    /** What the answerer says before it has the answer; null for the citations and the reply, as they are. */
    @Nullable
    Consumer<ReplyListener> telling;

    /** What the answerer replies; null for a number. */
    @Nullable
    String reply;

    /** Whether the answerer looks at passages. */
    boolean needsPassages = true;

    final DrivenTopology driven = new DrivenTopology(serdes, topology(), START);

    Topology topology() {
        return new ChatTopology(
                        serdes,
                        this::search,
                        new Scripted(),
                        others,
                        new StageRuntime(calls, calls),
                        settings(),
                        () -> Instant.ofEpochMilli(calls.millis()),
                        calls)
                .build();
    }

    ChatSettings settings() {
        return SETTINGS;
    }

    @AfterEach
    void stop() {
        driven.close();
    }

    private SearchResult search(SearchRequest request) {
        searches.add(request);
        if (searchFailure != null) {
            throw searchFailure;
        }
        return new SearchResult(
                List.of(new SearchHit(
                        "id", 0.5, "garden", "beds", "p", "roses", "Roses", "file:roses", "Twelve roses.", 4, 17, 0.7)),
                1,
                1,
                0);
    }

    final void ask(ChatRequest request) {
        ask(request, "c-1", "0");
    }

    final void ask(ChatRequest request, String correlation, String partition) {
        send(request, headers(correlation, partition));
        settle();
    }

    final void send(ChatRequest request, Headers headers) {
        driven.send(Topics.CHAT_REQUEST, "any key", request, headers);
    }

    /** Ends calls, retries included. */
    final void settle() {
        for (int i = 0; i < 5; i++) {
            calls.release();
            step(Duration.ofSeconds(1));
        }
    }

    final void step(Duration time) {
        calls.advance(time);
        driven.advance(time);
    }

    final List<ChatReply> replies() {
        return driven.values(Topics.CHAT_REPLY, ChatReply.class);
    }

    final Out<ChatReply> onlyReply() {
        List<Out<ChatReply>> replies = driven.read(Topics.CHAT_REPLY, ChatReply.class);
        assertThat(replies).hasSize(1);
        return replies.getFirst();
    }

    final Letter onlyLetter() {
        List<Letter> letters = driven.deadLetters(ChatTopology.NAME);
        assertThat(letters).hasSize(1);
        return letters.getFirst();
    }

    final void assertNoLetters() {
        assertThat(driven.deadLetters(ChatTopology.NAME)).isEmpty();
    }

    final @Nullable Conversation conversation(String session) {
        return driven.<Conversation>store(ChatTopology.CONVERSATIONS).get(session);
    }

    final List<Turn> turns(String session) {
        Conversation conversation = conversation(session);
        return conversation == null ? List.of() : conversation.getTurns();
    }

    static ChatRequest.Builder request(String id, String session, String message) {
        return ChatRequest.newBuilder()
                .setRequestId(id)
                .setSessionId(session)
                .setMessage(message)
                .setRequestedAt(START);
    }

    static ChatRequest cancel(String id, String session) {
        return request("", session, "").setCancel(id).build();
    }

    static ChatRequest fence(String topic, @Nullable String segment) {
        return request("", "", "")
                .setFence(Fence.newBuilder()
                        .setFenceId("fence " + topic + " " + segment)
                        .setTopic(topic)
                        .setSegment(segment)
                        .setRequestedAt(START)
                        .build())
                .build();
    }

    static Headers headers(String correlation, String partition) {
        return headers(Topics.CHAT_REPLY, correlation, partition);
    }

    static Headers headers(String topic, String correlation, String partition) {
        return new RecordHeaders()
                .add(ChatHeaders.REPLY_TOPIC, topic.getBytes(UTF_8))
                .add(ChatHeaders.CORRELATION_ID, correlation.getBytes(UTF_8))
                .add(ChatHeaders.REPLY_PARTITION, partition.getBytes(UTF_8));
    }

    /** Cites every passage it is given. */
    private final class Scripted implements Answerer {
        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public boolean needsPassages() {
            return needsPassages;
        }

        @Override
        public ChatAnswer answer(Question question, ReplyListener listener) throws CallException {
            questions.add(question);
            List<Citation> citations =
                    question.passages().stream().map(Scripted::citation).toList();
            String text = reply == null ? "Reply " + questions.size() : reply;
            if (telling == null) {
                listener.onCitations(citations);
                listener.onText(text);
            } else {
                telling.accept(listener);
            }
            CallException failure = failures.poll();
            if (failure != null) {
                throw failure;
            }
            return ChatAnswer.newBuilder()
                    .setReply(text)
                    .setAnswered(true)
                    .setAnswerer(name())
                    .setCitations(citations)
                    .setUsage(new Usage(11, 7, 0))
                    .build();
        }

        private static Citation citation(Passage passage) {
            return Citation.newBuilder()
                    .setN(1)
                    .setTopic(passage.topic())
                    .setSegment(passage.segment())
                    .setItem(passage.item())
                    .setUri(passage.uri())
                    .setText(passage.text())
                    .setStart(passage.start())
                    .setEnd(passage.end())
                    .setScore(passage.score())
                    .build();
        }
    }

    /** Calls run on the test's thread when they are released; time passes when told to. */
    static final class Calls implements CallExecutor, StageClock, PartTimer {
        final Queue<Runnable> held = new ArrayDeque<>();
        final List<Runnable> interrupted = new ArrayList<>();
        boolean hold;
        private final PriorityQueue<Timed> timed = new PriorityQueue<>();
        private long nanos;

        private record Timed(long at, Runnable task) implements Comparable<Timed> {
            @Override
            public int compareTo(Timed other) {
                return Long.compare(at, other.at);
            }
        }

        @Override
        public RunningCall start(String threadName, Runnable call) {
            held.add(call);
            if (!hold) {
                release();
            }
            return () -> interrupted.add(call);
        }

        void release() {
            while (!held.isEmpty()) {
                held.remove().run();
            }
        }

        void advance(Duration time) {
            nanos += time.toNanos();
            while (!timed.isEmpty() && timed.peek().at() <= nanos) {
                timed.remove().task().run();
            }
        }

        @Override
        public void after(long wait, Runnable task) {
            timed.add(new Timed(nanos + wait, task));
        }

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public long millis() {
            return START.toEpochMilli() + nanos / 1_000_000;
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, long wait) {
            T element = queue.poll();
            if (element == null) {
                nanos += wait;
            }
            return element;
        }

        @Override
        public void close() {
            held.clear();
        }
    }
}
