using System.CommandLine;
using System.CommandLine.Parsing;
using LlIcm.Imaging;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;

namespace LlIcm.Cli.Commands;

/// <summary>How a picture is restored.</summary>
public sealed class RestorationChoice
{
    private readonly Option<Degradation?> _task = Choices.Option<Degradation>(
        "--task", "What to repair. Default: auto, whatever is recognised.", "auto");

    private readonly HolesChoice _holes = new();

    private readonly Option<bool> _noGuidance = new("--no-guidance")
    {
        Description = "Restore without the degradation's embedding, to see what it is good for.",
    };

    private readonly Option<int?> _steps = new("--steps")
    {
        HelpName = "N",
        Description = "Evaluations of the restorer: more take longer. Default: the model's.",
    };

    private readonly Option<SamplerKind?> _sampler = Choices.Option<SamplerKind>(
        "--sampler", "How the steps are taken. Default: the model's.");

    private readonly Option<ulong> _seed = new("--seed")
    {
        HelpName = "N",
        Description = "Seed of the restorer's noise: the same seed gives the same picture.",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command, CommonOptions common)
    {
        command.Add(_task);
        _holes.AddTo(command);
        command.Add(_noGuidance);
        command.Add(_steps);
        command.Add(_sampler);
        command.Add(_seed);
        Choices.Require(_steps, steps => steps is >= 1 and <= 1000, "--steps takes 1 to 1000");
    }

    /// <summary>Whether any of the options was given.</summary>
    public bool IsGiven(CommandResult result) =>
        ((Option[])[_task, .. _holes.All, _noGuidance, _steps, _sampler, _seed])
            .Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>The library's options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">The mask cannot be read.</exception>
    /// <exception cref="PictureException">The mask is no picture.</exception>
    public RestoreOptions Options(ParseResult parsed) => new()
    {
        Degradation = parsed.Chosen(_task),
        Mask = _holes.Mask(parsed),
        FindPaintedHoles = _holes.Finds(parsed),
        Guided = !parsed.GetValue(_noGuidance),
        Steps = parsed.GetValue(_steps),
        Sampler = parsed.Chosen(_sampler),
        Seed = parsed.GetValue(_seed),
    };

    /// <summary>Restores.</summary>
    /// <param name="model">The model.</param>
    /// <param name="picture">What to restore.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Receives the share done.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="CliException">The mask has another size than the picture.</exception>
    public static RestorationResult Restore(
        LlIcmModel model, Picture picture, RestoreOptions options, IProgress<double> progress, CancellationToken cancellation)
    {
        HolesChoice.RequireFitting(options.Mask, picture);
        if (model.Restorer is TaskUNet && (options.Sampler is not null || options.Steps is > 1))
            throw new CliException(ExitCode.Impossible, $"model '{model.Name}' restores in one evaluation: it takes neither --sampler nor --steps");
        return new PictureRestorer(model).Restore(picture, options, progress, cancellation);
    }
}
