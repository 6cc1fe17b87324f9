package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import io.penstock.schema.Inference;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends inferences as enrichment does: one for each text, with a record id of its own. */
final class Inferences implements AutoCloseable {
    static final String TOPIC = "bench";

    private final AvroCodec<Inference> codec;
    private final Producer<byte[], byte[]> producer;

    Inferences(KafkaSettings kafka, AvroSerdes serdes) {
        this.codec = serdes.codec(Inference.class);
        this.producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Returns when all are written. The run is the segment, too, so that the same text in another run is another record. */
    void send(String run, List<RealTexts.Document> documents) throws InterruptedException, ExecutionException {
        List<Future<?>> written = new ArrayList<>();
        for (RealTexts.Document document : documents) {
            Inference inference = Inference.newBuilder()
                    .setRunId(run)
                    .setTopic(TOPIC)
                    .setSegment(run)
                    .setProcessor("texts")
                    .setItem(document.item())
                    .setLabel(document.label())
                    .setUri("bench:" + document.item())
                    .setText(document.text())
                    .setFingerprint("f")
                    .build();
            String key = TOPIC + "/" + run + "/texts/" + document.item();
            written.add(producer.send(new ProducerRecord<>(
                    Topics.INFERENCE, key.getBytes(UTF_8), codec.encode(Topics.INFERENCE, inference))));
        }
        for (Future<?> one : written) {
            one.get();
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
