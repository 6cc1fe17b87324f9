package io.penstock.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** The program behind {@code ./penstock ask} and its like: the first argument names the command. */
public final class Main {
    private static final List<String> COMMANDS = List.of("ask", "chat", "collect", "search", "status", "mirror");

    private Main() {}

    public static void main(String... arguments) {
        Surroundings here = Surroundings.ofProcess();
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform().unstarted(() -> here.interruption().end(here.out(), here.err())));
        // While the arguments are read, another thread makes what any call needs.
        Thread.ofPlatform().daemon().start(Calls::warmUp);
        int code = run(List.of(arguments), here);
        HttpClients.close();
        // Everything is printed, and the hook is for those who are interrupted.
        Runtime.getRuntime().halt(code);
    }

    /** @return the exit code */
    static int run(List<String> arguments, Surroundings here) {
        try {
            ExitCode exit = dispatch(arguments, here);
            here.out().flush();
            here.err().flush();
            return exit.code();
        } catch (BrokenPipe e) {
            return ExitCode.BROKEN_PIPE.code();
        }
    }

    private static ExitCode dispatch(List<String> arguments, Surroundings here) {
        String name = arguments.isEmpty() ? "" : arguments.getFirst();
        Optional<Task> task = task(name);
        if (task.isEmpty()) {
            here.remark("there is no command '" + name + "'; there are: " + String.join(", ", COMMANDS));
            return ExitCode.USAGE;
        }
        boolean json = arguments.contains("--json");
        try {
            CommandLine line = new CommandLine(task.get())
                    .setExpandAtFiles(false) // a question may begin with @
                    .setUsageHelpAutoWidth(false)
                    .setUsageHelpWidth(Math.clamp(here.out().columns(), 60, 100));
            line.parseArgs(arguments.stream().skip(1).toArray(String[]::new));
            if (task.get().connection().asksForHelp()) {
                StringWriter usage = new StringWriter();
                line.usage(new PrintWriter(usage), Ansi.OFF);
                here.out().print(usage.toString());
                return ExitCode.DONE;
            }
            return task.get().run(here);
        } catch (ParameterException e) {
            return refuse(new Failure(ExitCode.USAGE, "client.usage", usage(e, name)), json, here);
        } catch (Failure failure) {
            return refuse(failure, json, here);
        }
    }

    private static String usage(ParameterException mistake, String name) {
        return mistake.getMessage() + ". `./penstock " + name + " --help` shows what there is.";
    }

    private static Optional<Task> task(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "ask" -> new AskCommand();
                    case "chat" -> new ChatCommand();
                    case "collect" -> new CollectCommand();
                    case "search" -> new SearchCommand();
                    case "status" -> new StatusCommand();
                    case "mirror" -> new MirrorCommand();
                    default -> (@Nullable Task) null;
                });
    }

    private static ExitCode refuse(Failure failure, boolean json, Surroundings here) {
        tell(failure, json, here);
        return failure.exit();
    }

    /** Tells people on the one stream and programs, if it is they who asked, on the other. */
    static void tell(Failure failure, boolean json, Surroundings here) {
        here.out().flush();
        if (json) {
            here.out().line(Json.line(Json.event("error", failure.problem()))).flush();
        }
        here.err()
                .print("penstock: ", Style.RED)
                .print(failure.detail())
                .print(" (" + failure.code() + ")", Style.DIM)
                .line()
                .flush();
    }
}
