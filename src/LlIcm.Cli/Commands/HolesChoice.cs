using System.CommandLine;
using LlIcm.Cli.Files;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary>Which parts of a picture are missing: <c>--mask</c> or <c>--find-holes</c>.</summary>
public sealed class HolesChoice
{
    private readonly Option<string?> _mask = new("--mask")
    {
        HelpName = "FILE",
        Description = "For inpainting: a picture of the same size, white where pixels are kept, black where they are missing.",
    };

    private readonly Option<bool> _find = new("--find-holes")
    {
        Description = "For inpainting: take what is painted pure white as missing.",
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_mask, _find];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_mask);
        command.Add(_find);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_mask) is not null && result.GetResult(_find) is { Implicit: false })
                result.AddError("only one of --mask and --find-holes can be given");
        });
    }

    /// <summary>The mask; null if none was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">It cannot be read.</exception>
    /// <exception cref="PictureException">It is no picture.</exception>
    public Picture? Mask(ParseResult parsed) =>
        parsed.GetValue(_mask) is { } path ? PictureFile.Load(new InputFile(path).Read(), path) : null;

    /// <summary>Whether pure white is taken as missing.</summary>
    public bool Finds(ParseResult parsed) => parsed.GetValue(_find);

    /// <summary>Checks that a mask fits a picture.</summary>
    /// <exception cref="CliException">It has another size.</exception>
    public static void RequireFitting(Picture? mask, Picture picture)
    {
        if (mask is not null && (mask.Width != picture.Width || mask.Height != picture.Height))
            throw new CliException(
                ExitCode.Impossible, $"the mask has {mask.Width}x{mask.Height} pixels, the picture {picture.Width}x{picture.Height}");
    }
}
