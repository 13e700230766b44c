package io.github.psft4j.jinja;

import java.util.Map;

/** The variable {@code self}: the template's blocks as functions. */
record SelfReference(Map<String, Statement> blocks, Scope root) implements Globals.Member {
    @Override
    public Object member(String name) {
        Statement block = blocks.get(name);
        return block == null
                ? null
                : new Function(name, (run, args) -> {
                    args.bind(name);
                    run.enter();
                    Output out = new Output(run);
                    block.execute(new Scope(root), out);
                    run.leave();
                    return out.toString();
                });
    }
}
