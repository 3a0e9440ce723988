using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LlIcm.Cli.Commands;

/// <summary>The library's help page, followed by examples and, on the first page, the exit codes.</summary>
/// <param name="page">The library's page.</param>
public sealed class HelpPage(HelpAction page) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string> s_examples = new()
    {
        ["llicm"] =
            """
              llicm run rainy.jpg                          all at once: file, decoded, restored, side by side
              llicm compress photo.png -q 3                photo.llic
              llicm decompress photo.llic -o photo.png
              llicm restore photo.llic -o clean.png        decoded and restored
              llicm info photo.llic                        what a file says of itself
              llicm compare photo.png clean.png            PSNR, SSIM, MS-SSIM, LPIPS
              llicm score clean.png                        LIQE and Q-Align, without an original
            """,
        ["run"] =
            """
              llicm run rainy.jpg                          rainy.llic, rainy.decoded.png, rainy.restored.png and
                                                           rainy.compare.png beside it
              llicm run a.jpg b.png -o out/                the same in a folder
              llicm run 'drone/**/*.jpg' -o out/ --bpp 0.3 all files stay below 0.3 bits per pixel
              llicm run photo.png --task denoise --json    one line of JSON
            """,
        ["compress"] =
            """
              llicm compress a.png                         a.llic, quality 4
              llicm compress a.png -o b.llic -q 3.5        qualities are continuous
              llicm compress *.png --target-size 20k       each at most 20 000 bytes
              llicm compress photos/ -o coded/ --json      a folder; one line of JSON per picture
              cat a.png | llicm compress - > a.llic
            """,
        ["decompress"] =
            """
              llicm decompress a.llic                      a.decoded.png
              llicm decompress a.llic -o a.webp            the extension chooses the format
              llicm decompress a.llic --restore            decoded and restored: a.restored.png
              llicm decompress coded/ -o pictures/ --format jpg
              llicm decompress - < a.llic > a.png
            """,
        ["restore"] =
            """
              llicm restore a.llic                         a.restored.png
              llicm restore photo.jpg -o clean.png         pictures need no coding to be restored
              llicm restore photo.jpg --task derain        where the automatic choice is wrong
              llicm restore old.png --mask holes.png       fill what is black in the mask
              llicm restore noisy/ -o clean/ --task denoise
            """,
        ["info"] =
            """
              llicm info a.llic                            size, bits per pixel, quality, model; needs no model
              llicm info *.llic --json
              llicm info photo.jpg                         pictures too
            """,
        ["compare"] =
            """
              llicm compare original.png decoded.png       the first is the reference
              llicm compare original.png *.restored.png    several with one
              llicm compare original.png original.llic     decodes first
              llicm compare originals/ restored/ --csv     folders, matched by name; means in the table and in --json
              llicm compare a.png b.png --metrics psnr,lpips-vgg,liqe
              llicm compare a.png b.png --heatmap where.png --side-by-side both.png
              llicm compare a.png b.png --side-by-side detail.png --crop 96x96 --zoom 4
            """,
        ["score"] =
            """
              llicm score photo.jpg                        LIQE and Q-Align, as far as their weights are there
              llicm score restored/ --metrics liqe --json  1–5 and 0–1, scene, distortion; a line a picture, then means
              llicm score *.png --metrics q-align,q-align-aesthetics --precision bf16
              llicm models                                 which weights that needs, and where to put them
            """,
        ["bd"] =
            """
              llicm bd curves.json                         all codecs against the first, all metrics
              llicm bd ours.json anchor.json --anchor VTM --metric psnr-rgb --method akima
              llicm bd curves.json --metric lpips --json   lower is better is known for LPIPS
              llicm benchmark codec kodak/ --json | llicm bd - --anchor jpeg
            """,
        ["models"] =
            """
              llicm models                                 presets and published weights, and what of them is there
              llicm models import ~/Downloads              take published weights found in a folder
              llicm models import mlicpp.pth.tar daclip_ViT-B-32.pt universal-ir.pth -o paper/
                                                           make a model of published checkpoints: --model paper/
              LLICM_MIRROR=https://example.org/weights llicm models fetch lpips-alex liqe
              llicm models verify lpips-squeeze
            """,
        ["train"] =
            """
              llicm train codec --data photos/ -o run --recipe configs/compact/codec.yaml --resume
              llicm train vlm --data photos/ -o run --set steps=500
              llicm train controller --data photos/ -o run
              llicm train restorer --data photos/ -o run --model run --validation others/
            """,
        ["benchmark"] =
            """
              llicm benchmark codec kodak/ --anchor jpeg --anchor webp
              llicm benchmark restore pairs/derain pairs/dehaze --json
              llicm benchmark restore pairs/* -q 2 -q 4 -q 6 -q 8 --model joint/ --against separate/
            """,
    };

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = page.Invoke(parseResult);
        Command command = parseResult.CommandResult.Command;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        bool top = command is RootCommand || command.Parents.Any(parent => parent is RootCommand);
        if (!top || !s_examples.TryGetValue(command is RootCommand ? "llicm" : command.Name, out string? examples)) return code;
        output.WriteLine("Examples:");
        output.WriteLine(examples);
        output.WriteLine();
        if (command is not RootCommand) return code;
        output.WriteLine(
            """
            Exit codes:
              0 done   1 some of several inputs failed   2 wrong command line   3 libtorch or libvips missing
              4 model missing or another   5 input unreadable or damaged   6 output not writable
              7 not possible as asked   8 not enough memory   70 internal error   130 interrupted

            Help for one command: llicm COMMAND --help
            """);
        return code;
    }

    /// <summary>Puts the examples behind the help of every command.</summary>
    public static void Install(RootCommand root)
    {
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
            option.Action = new HelpPage(new HelpAction { MaxWidth = 110 });
    }
}
