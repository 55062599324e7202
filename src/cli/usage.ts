/** Thrown for a command line that cannot be understood; the message names the mend. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit code for a command line that cannot be understood, as shells and most tools use it. */
export const usageExitCode = 2;

export const overviewHelp = `interleave: see what asynchronous TypeScript and JavaScript really does

  interleave run FILE [options] [-- arguments]   trace a program
  interleave open TRACE [options]                turn a trace into a page or a text
  interleave lint PATHS [options]                find calls that block the event loop
  interleave ps [PID] [options]                  what traced programs are doing now

  interleave COMMAND --help                      the options of a command
  interleave --version
`;

export const runHelp = `interleave run FILE [options] [-- arguments]

Runs a .ts .mts .cts .tsx .js .mjs .cjs or .jsx file in Node with its async functions traced.
The program's own output, input and exit code pass through untouched; everything Interleave
itself says goes to standard error.

  --output TRACE        write the trace to this file (*.interleave)
  --report HTML         write a self-contained page with the timeline
  --transcript [TEXT]   write the trace as text; without a file name it follows the summary
  --summary             print the summary even where standard error is no terminal
  --no-summary          never print it
  --clock wall|virtual  virtual: timers and clocks jump while the program only waits
  --function NAME       call this exported function instead of only loading the file
  --args JSON           its arguments, a JSON array
  --node PATH           the Node to run (default: the one running interleave)
  --node-arg ARG        an extra flag for Node; may be given again
  --cwd FOLDER          working directory of the program
  --exclude GLOB        leave these files uninstrumented; may be given again
  --no-children         do not trace child processes that run Node; they are only named
  --timeout SECONDS     end the program after this long
  --keep MINUTES        keep the last minutes of the trace only (at least so many, at most twice)
  --hang SECONDS        say where the loop is held once it was held this long (default 1;
                        0: never)
  --no-cache            neither use nor keep instrumented files of earlier runs
`;

export const openHelp = `interleave open TRACE [options]

Writes a self-contained page with the timeline of a trace and opens it.

  --output HTML         where to write the page (default: beside the trace)
  --no-browser          write it only
  --transcript          print the trace as text instead
`;

export const lintHelp = `interleave lint PATHS [options]

Finds calls that block the event loop in async code. Folders are searched for source files.

  --format pretty|json|sarif
                        how findings are printed (default pretty; sarif: SARIF 2.1.0)
  --fail-on LEVEL       exit with 1 on findings at or above error, warning, information or hint
                        (default warning; never: always exit with 0)
  --rule NAME=LEVEL     off, error, warning, information, hint or default; may be given again
  --config FILE         a JSON file with settings: { "lint": { "rules": { "busy-wait": "off" },
                        "severityByCost": { "syscall": "off" }, "blocking": ["pkg#readAll"],
                        "nonblocking": [] } }; default: the nearest interleave.json upwards,
                        else the settings interleave.lint.* in .vscode/settings.json
  --fix                 first write the fixes that leave what the program does as it is into
                        the files; what is left is printed
`;

export const psHelp = `interleave ps [PID] [options]

Lists the programs being traced now, by 'interleave run' and in editors, with the tasks that
have not settled: where each was started, whether it runs, waits or is ready, for how long,
where, and who awaits it. Answers also while the loop of a program is held.

  PID                   only this program
  --format pretty|json  how they are printed (default pretty)
`;
