using EventFeatures.Cli.CommandLine;

return await EventFeaturesCommand.RunAsync(args).ConfigureAwait(false);
