using System.Text.Json;
using System.Text.Json.Nodes;
using LlIcm.Codecs.Mlic;
using LlIcm.EntropyCoding;
using LlIcm.Onnx;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;

namespace LlIcm.Zoo;

/// <summary>
/// Writes a model as ONNX graphs, with <c>model.json</c>, which says how they fit together, and <c>tables.json</c>, which holds the entropy coder's tables: what
/// another program, in another language, needs to decode and restore what <c>.llic</c> files hold.
/// </summary>
public static class ModelExport
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Writes the files.</summary>
    /// <param name="model">A model that has not been used yet.</param>
    /// <param name="folder">Where to; it exists. Files of the same names are replaced.</param>
    /// <returns>The files' names.</returns>
    /// <exception cref="InvalidOperationException">The model was used already.</exception>
    /// <exception cref="ModelException">Its weights are unusable.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(LlIcmModel model, string folder)
    {
        ArgumentNullException.ThrowIfNull(model);
        var names = new List<string>();
        JsonObject Graph(OnnxProgram program, params (string Name, string Meaning)[] inputs)
        {
            IReadOnlyList<OnnxFile> files = program.Export(folder);
            names.AddRange(files.Select(each => each.Name));
            return new JsonObject
            {
                ["inputs"] = new JsonArray([.. inputs.Select((input, i) => new JsonObject { ["name"] = $"input{i}", ["is"] = input.Name, ["meaning"] = input.Meaning })]),
                ["graphs"] = new JsonArray([.. files.Select(Described)]),
            };
        }

        MlicCoder coder = model.Coder;
        var json = new JsonObject
        {
            ["format"] = 1,
            ["model"] = new JsonObject { ["name"] = model.Identity.Name, ["identity"] = model.Identity.ToString() },
            ["codec"] = new JsonObject
            {
                ["analysis"] = Graph(coder.Analysis, ("picture", "RGB, 0 to 1; sides are multiples of 64, by repeating the last column and row")),
                ["hyper_analysis"] = Graph(coder.HyperAnalysis, ("latents", "y: the analysis' output times the gain of the quality; gives round(z - medians), the hyper symbols")),
                ["contexts"] = Graph(coder.Contexts, ("hyper_latents", "hyper symbols + medians; after each graph but the last, a half of a slice is coded")),
                ["synthesis"] = Graph(coder.Synthesis, ("latents", "decoded latents times the inverse gain of the quality; gives RGB, to be clipped to 0 to 1 and cut to the picture's size")),
                ["slices"] = model.Codec.Options.Slices,
                ["coding_points"] = "the k-th call codes slice k / 2: anchors (row + column odd) for even k, the others for odd k; it gets scales and means, "
                    + "and its result is symbols + means at these positions, in the order channel, row, column",
            },
        };
        if (model.HasRestorer && model.Restorer is TaskUNet network)
        {
            json["restorer"] = Graph(
                model.TaskRestorer.Program, ("picture", $"RGB, 0 to 1, holes filled; sides are multiples of {network.Multiple}"),
                ("holes", "1 where a pixel is missing, else 0"), ("tasks", "one number a degradation, in the order of degradations: 1 for what is to be repaired, else 0"));
            json["degradations"] = new JsonArray([.. Enum.GetValues<Degradation>().Take(network.Options.Tasks).Select(each => JsonValue.Create(each.Word()))]);
        }
        else if (model.HasRestorer)
        {
            json["restorer_left_out"] = "the network of a diffusion is recorded for one size at a time";
        }
        if (model.Classifier is { } classifier)
        {
            JsonObject recogniser = Graph(
                classifier.Program, ("whole", "the picture made small, RGB, 0 to 1"), ("details", "squares of the picture at native size, RGB, 0 to 1"));
            recogniser["temperature"] = classifier.Temperature;
            recogniser["words"] = new JsonArray([.. Enum.GetValues<Degradation>().Select(each => JsonValue.Create(each.Word()))]);
            json["recogniser"] = recogniser;
        }
        Save("tables.json", Tables(model, coder), new JsonSerializerOptions());
        Save("model.json", json, s_indented);
        return names;

        void Save(string name, JsonObject content, JsonSerializerOptions options)
        {
            File.WriteAllText(Path.Combine(folder, name), content.ToJsonString(options));
            names.Add(name);
        }
    }

    private static JsonObject Described(OnnxFile file)
    {
        var described = new JsonObject { ["file"] = file.Name, ["inputs"] = Ports(file.Inputs), ["outputs"] = Ports(file.Outputs) };
        if (file.CallInputs is { } given)
            described["then"] = new JsonObject { ["scales"] = given[0], ["means"] = given[1], ["result"] = file.CallOutput };
        return described;
    }

    private static JsonArray Ports(IReadOnlyList<OnnxPort> ports) => new([.. ports.Select(port => new JsonObject
    {
        ["name"] = port.Name, ["type"] = port.Type.ToString().ToLowerInvariant(), ["shape"] = new JsonArray([.. port.Shape.Select(size => size < 0 ? null : JsonValue.Create(size))]),
    })]);

    private static JsonObject Tables(LlIcmModel model, MlicCoder coder)
    {
        var tables = new JsonObject
        {
            ["medians"] = Numbers(coder.Medians),
            ["hyper_rows"] = Rows(model.Codec.Prior.Table),
            ["scale_table"] = Numbers(model.Codec.Conditional.ScaleTable),
            ["latent_rows"] = Rows(model.Codec.Conditional.Table),
        };
        if (model.Codec.Gains is not { } gains) return tables;
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        var levels = new JsonArray();
        for (int level = 1; level <= gains.Levels; level++)
            levels.Add(new JsonObject { ["quality"] = level, ["gain"] = Numbers(coder.Gain(level)!.ToArray<float>()), ["inverse_gain"] = Numbers(coder.InverseGain(level)!.ToArray<float>()) });
        tables["gains"] = levels;
        return tables;
    }

    private static JsonArray Numbers(ReadOnlySpan<float> numbers) => new([.. numbers.ToArray().Select(number => JsonValue.Create(number))]);

    // Each row: its first symbol and the cumulative frequencies c_0 … c_(n+1), the last interval being the escape's (docs/format.md).
    private static JsonArray Rows(CdfTable table) => new([.. Enumerable.Range(0, table.RowCount).Select(row => new JsonObject
    {
        ["offset"] = table.MinSymbol(row), ["cumulative"] = new JsonArray([.. table.Cumulative(row).Select(each => JsonValue.Create(each))]),
    })]);
}
