package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * spring-kafka's requests and replies behind Spring MVC and Tomcat as somebody who uses spring-kafka would most
 * likely have them: each call waits on a thread of Tomcat's. With a key it does what the chat does: it asks for that key, checks what
 * it is asked, keeps each turn before it is replied to, and tells all that belongs to an answer. Without one it does none of this. A
 * process of its own, which both asks and answers. Ends with its input.
 */
public final class SpringProgram implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Tomcat tomcat = new Tomcat();

    /** Prints the port on which it serves; the arguments say where Kafka is, name a folder for Tomcat, and perhaps the key. */
    public static void main(String... arguments) throws Exception {
        Logs.warningsOnly();
        try (EchoTopics topics = new EchoTopics(arguments[0])) {
            Path folder = Path.of(arguments[1]);
            if (arguments.length < 3) {
                try (ReplyingTemplate template = new ReplyingTemplate(topics, "over-spring");
                        SpringProgram program = new SpringProgram(folder, null, new Chat(template))) {
                    program.serve();
                }
            } else {
                try (SpringTurns turns = new SpringTurns(topics, "same");
                        ReplyingTemplate template = new ReplyingTemplate(topics, "same", turns);
                        SpringProgram program =
                                new SpringProgram(folder, new KeyCheck(arguments[2]), new WholeChat(template))) {
                    program.serve();
                }
            }
        }
    }

    private void serve() throws IOException {
        System.out.println(tomcat.getConnector().getLocalPort());
        while (System.in.read() >= 0) {
            // nothing is ordered
        }
    }

    private SpringProgram(Path folder, @Nullable KeyCheck key, Object controller) throws LifecycleException {
        GenericWebApplicationContext beans = new GenericWebApplicationContext();
        new AnnotatedBeanDefinitionReader(beans).register(Mvc.class);
        beans.getBeanFactory().registerSingleton("chat", controller);
        beans.registerBean(Checks.class, () -> new Checks(key));
        tomcat.setBaseDir(folder.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        // All others keep a connection for as long as it is used, and by default this would end each after 100
        // requests.
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        Context web = tomcat.addContext("", null);
        beans.setServletContext(web.getServletContext());
        Wrapper servlet = Tomcat.addServlet(web, "spring", new DispatcherServlet(beans));
        servlet.setLoadOnStartup(1);
        servlet.addMapping("/");
        tomcat.start();
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }

    @EnableWebMvc
    static class Mvc {}

    /** What stands before the controller. */
    static final class Checks implements WebMvcConfigurer {
        private final @Nullable KeyCheck key;

        Checks(@Nullable KeyCheck key) {
            this.key = key;
        }

        @Override
        public void addInterceptors(InterceptorRegistry interceptors) {
            if (key != null) {
                interceptors.addInterceptor(key);
            }
        }
    }

    /** Lets nobody in without the key. */
    static final class KeyCheck implements HandlerInterceptor {
        private final byte[] key;

        KeyCheck(String key) {
            this.key = key.getBytes(UTF_8);
        }

        @Override
        public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
            String shown = request.getHeader("X-API-Key");
            if (shown != null && MessageDigest.isEqual(shown.getBytes(UTF_8), key)) {
                return true;
            }
            response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
            return false;
        }
    }

    /** What is asked. */
    public record Asked(String message) {}

    /** What is replied. */
    public record Replied(String reply) {}

    /** Answers no more than it is asked. */
    @RestController
    public static class Chat {
        private final ReplyingTemplate template;

        Chat(ReplyingTemplate template) {
            this.template = template;
        }

        /** Waits for the reply. */
        @PostMapping("/api/chat")
        public Replied ask(@RequestBody Asked asked) throws ExecutionException, TimeoutException, InterruptedException {
            return new Replied(template.send(asked.message()).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    /** What is asked, with the fields that the chat knows. */
    public record AskedWhole(
            @Nullable String message,
            @Nullable String session_id,
            @Nullable String topic,
            @Nullable String segment,
            @Nullable Integer k) {}

    /** All that the chat tells. */
    public record RepliedWhole(
            String reply,
            boolean answered,
            String answerer,
            List<String> citations,
            String session_id,
            String request_id,
            Map<String, Integer> usage) {}

    /** Answers as the chat does. */
    @RestController
    public static class WholeChat {
        private static final int LONGEST = 8_000;

        private final ReplyingTemplate template;

        WholeChat(ReplyingTemplate template) {
            this.template = template;
        }

        /** Waits for the reply. */
        @PostMapping("/api/chat")
        public RepliedWhole ask(@RequestBody AskedWhole asked)
                throws ExecutionException, TimeoutException, InterruptedException {
            String message = asked.message();
            if (message == null || message.isBlank() || message.length() > LONGEST) {
                throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "The message is missing, or too long.");
            }
            String session = asked.session_id() == null ? UUID.randomUUID().toString() : asked.session_id();
            ChatReply reply =
                    template.send(EchoTopics.request(session, message)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            ChatAnswer answer = reply.getAnswer();
            return new RepliedWhole(
                    answer.getReply(),
                    answer.getAnswered(),
                    answer.getAnswerer(),
                    List.of(),
                    session,
                    reply.getRequestId(),
                    Map.of("prompt_tokens", 0, "completion_tokens", 0, "total_tokens", 0));
        }
    }
}
