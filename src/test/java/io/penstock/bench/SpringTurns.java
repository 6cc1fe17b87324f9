package io.penstock.bench;

import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;

/**
 * Remembers conversations as a listener of spring-kafka can with the least effort that survives a crash: in memory, and in a compacted
 * topic, to which each turn is sent before its reply. Used by one thread.
 */
final class SpringTurns implements AutoCloseable {
    private static final int MOST_CONVERSATIONS = 10_000;
    private static final int MOST_TURNS = 20;

    private final String topic;
    private final DefaultKafkaProducerFactory<String, Conversation> producers;
    private final KafkaTemplate<String, Conversation> template;
    private final Map<String, Conversation> conversations = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Conversation> eldest) {
            return size() > MOST_CONVERSATIONS;
        }
    };

    /** @param name of what it belongs to */
    SpringTurns(EchoTopics topics, String name) {
        topic = topics.compacted("template." + name + ".turns");
        producers = new DefaultKafkaProducerFactory<>(
                topics.producer(), new StringSerializer(), (to, conversation) -> topics.encode(to, conversation));
        template = new KafkaTemplate<>(producers);
    }

    void remember(ChatRequest request, ChatReply reply) {
        String session = request.getSessionId();
        Conversation before = conversations.get(session);
        List<Turn> turns = new ArrayList<>(before == null ? List.of() : before.getTurns());
        ChatAnswer answer = reply.getAnswer();
        turns.add(Turn.newBuilder()
                .setRequestId(reply.getRequestId())
                .setMessage(request.getMessage())
                .setReply(answer.getReply())
                .setAnswered(answer.getAnswered())
                .setAt(reply.getAt())
                .setSources(List.of())
                .setCitations(answer.getCitations())
                .setAnswerer(answer.getAnswerer())
                .setUsage(answer.getUsage())
                .setCut(answer.getCut())
                .build());
        if (turns.size() > MOST_TURNS) {
            turns.removeFirst();
        }
        Conversation now = new Conversation(session, turns);
        conversations.put(session, now);
        var _ = template.send(new ProducerRecord<>(topic, session, now));
    }

    @Override
    public void close() {
        producers.destroy();
    }
}
