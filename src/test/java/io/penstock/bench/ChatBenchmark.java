package io.penstock.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.bench.ChatContest.Contenders;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the way of a question costs: the packaged application with an answerer that costs nothing, asked over HTTP, in turns with the
 * least that a request and its reply can take over two topics, and with spring-kafka's requests and replies: behind Spring MVC, doing
 * all the same and doing nothing else, behind the leanest HTTP server, and without HTTP. The broker is a process of its own, so that all have the same, and so are those that serve
 * HTTP, with the same options of their JVMs. In the end {@code ./penstock ask} is started beside curl.
 */
final class ChatBenchmark implements Benchmark {
    private static final int ASKS = 7;
    /** Which is asked for by what does the same as the application. */
    private static final String KEY = "the-key-of-the-other-application";

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String about() {
        return "questions over HTTP, beside bare Kafka and spring-kafka: [ROUNDS, 7] [REQUESTS one by one, 500]"
                + " [REQUESTS 64 at once, 5000]";
    }

    /**
     * @param warm whether rounds that do not count come first, until all are warm
     * @param asks how often {@code ./penstock ask} is started
     */
    record Plan(int rounds, int sequential, int atOnce, boolean warm, int asks) {
        static Plan of(List<String> arguments) {
            Numbers numbers = Numbers.of("chat", arguments, "ROUNDS, and two numbers of REQUESTS", 3);
            return new Plan(
                    numbers.at(0, 7, 99), numbers.at(1, 500, 99_999), numbers.at(2, 5_000, 999_999), true, ASKS);
        }
    }

    @Override
    public Measurement with(List<String> arguments) {
        Plan plan = Plan.of(arguments);
        return (folder, out) -> run(plan, folder, out);
    }

    static ObjectNode run(Plan plan, Path folder, PrintStream out) throws Exception {
        try (MeasuredProcess broker = MeasuredProcess.program(
                BrokerProgram.class,
                folder.resolve("broker.log"),
                folder.resolve("kafka").toString())) {
            String kafka = broker.answer();
            try (RunningPenstock penstock = RunningPenstock.start(
                            folder, Map.of("PENSTOCK_LLM", "echo", "KAFKA_BOOTSTRAP_SERVERS", kafka));
                    MeasuredProcess spring =
                            MeasuredProcess.program(TemplateProgram.class, folder.resolve("template.log"), kafka);
                    MeasuredProcess springMvc = MeasuredProcess.program(
                            SpringProgram.class,
                            folder.resolve("spring.log"),
                            kafka,
                            folder.resolve("tomcat").toString());
                    MeasuredProcess same = MeasuredProcess.program(
                            SpringProgram.class,
                            folder.resolve("same.log"),
                            kafka,
                            folder.resolve("tomcat-same").toString(),
                            KEY);
                    EchoTopics topics = new EchoTopics(kafka);
                    RoundTrip ours = new ChatOverHttp("Penstock over HTTP", penstock.address(), penstock.key());
                    RoundTrip http = new RefusalOverHttp(penstock.address(), penstock.key());
                    RoundTrip bare = new BareRoundTrip(topics);
                    RoundTrip template = new ReplyingTemplate(topics, "itself");
                    RoundTrip templateOverHttp = new ChatOverHttp(
                            "ReplyingKafkaTemplate over lean HTTP",
                            URI.create("http://127.0.0.1:" + spring.answer()),
                            "none");
                    RoundTrip templateOverSpring = new ChatOverHttp(
                            "ReplyingKafkaTemplate over Spring MVC",
                            URI.create("http://127.0.0.1:" + springMvc.answer()),
                            "none");
                    RoundTrip doingTheSame = new ChatOverHttp(
                            "the same over Spring MVC", URI.create("http://127.0.0.1:" + same.answer()), KEY);
                    RoundTripTrials trials = new RoundTripTrials()) {
                Contenders contenders =
                        new Contenders(ours, http, bare, doingTheSame, templateOverSpring, templateOverHttp, template);
                WarmUp.Compilers compilers = () -> WarmUp.here()
                        .plus(broker.compiling())
                        .plus(spring.compiling())
                        .plus(springMvc.compiling())
                        .plus(same.compiling())
                        .plus(penstock.process().compiling());
                ChatContest contest = new ChatContest(
                        plan,
                        trials,
                        contenders,
                        compilers,
                        ProcessorTime.of(penstock.process(), List.of(spring, springMvc, same), broker),
                        out);
                ObjectNode figures = contest.run();
                if (plan.asks() > 0) {
                    ask(plan, penstock, figures, out);
                }
                return figures.put("rounds", plan.rounds());
            }
        }
    }

    private static void ask(Plan plan, RunningPenstock penstock, ObjectNode figures, PrintStream out)
            throws IOException, InterruptedException {
        if (!AskTrial.isPossible()) {
            out.println("There is no curl on this machine, so ./penstock ask is not measured.");
            return;
        }
        AskTrial trial = new AskTrial(
                Path.of("penstock").toAbsolutePath(),
                penstock.address().toString(),
                penstock.key(),
                "What is a fence?",
                null);
        AskTrial.Figures times = trial.measure(plan.asks());
        Table table = new Table("of " + plan.asks() + " starts, ms", "median", "slowest");
        times.addTo(table);
        table.print(out);
        out.println();
        times.putInto(figures);
    }
}
