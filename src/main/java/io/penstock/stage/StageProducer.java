package io.penstock.stage;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The producer of a StreamThread, which tells when all that it was given has arrived. */
final class StageProducer extends KafkaProducer<byte[], byte[]> {
    private final StageClients clients;

    StageProducer(Map<String, Object> config, StageClients clients) {
        super(config, new ByteArraySerializer(), new ByteArraySerializer());
        this.clients = clients;
    }

    @Override
    public void flush() {
        super.flush();
        clients.flushedBy(Thread.currentThread());
    }
}
