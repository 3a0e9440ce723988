return (int)LlIcm.Cli.CliProgram.Run(args);
