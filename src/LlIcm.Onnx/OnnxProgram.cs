using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LlIcm.Tensors;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace LlIcm.Onnx;

/// <summary>
/// A function of tensors that was recorded as graphs, and runs on ONNX Runtime: one graph, or several where functions on the host
/// are called in between. Runs may happen at the same time.
/// </summary>
public sealed unsafe class OnnxProgram : IDisposable
{
    private static int s_sessions;

    private readonly string _name;
    private readonly GraphValue[] _inputs, _outputs;
    private readonly HostCall[] _calls;
    private readonly Stage[] _stages;

    private OnnxProgram(string name, GraphRecorder recorder, GraphValue[] inputs, GraphValue[] outputs, bool onProcessor)
    {
        (_name, _inputs, _outputs, _calls) = (name, inputs, outputs, [.. recorder.Calls]);
        _stages = Stages(recorder, outputs, onProcessor);
    }

    /// <summary>Sessions created so far in this process, for tests.</summary>
    public static int SessionsCreated => Volatile.Read(ref s_sessions);

    /// <summary>Records a function. It must not ask for numbers or open sizes, and change nothing in place.</summary>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="function">The function; other tensors that it uses become constants.</param>
    /// <param name="onProcessor">Whether it stays on the processor even where there is a GPU: its results lead to decisions.</param>
    /// <exception cref="TensorException">It cannot be recorded.</exception>
    public static OnnxProgram Record(
        string name, IReadOnlyList<GraphInput> inputs, Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> function, bool onProcessor = false)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        var recorder = new GraphRecorder();
        var given = inputs.Select((input, i) => recorder.Input($"input{i}", input)).ToList();
        IReadOnlyList<Tensor> outputs = function([.. given.Select(each => each.Tensor)]);
        return new OnnxProgram(name, recorder, [.. given.Select(each => each.Value)], [.. outputs.Select(recorder.ValueOf)], onProcessor);
    }

    /// <summary>
    /// Carries a function out once: recorded and run where the tensors are in host memory, at once on an engine that computes networks
    /// itself.
    /// </summary>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="function">The function.</param>
    /// <param name="inputs">What it is applied to.</param>
    public static Tensor Compute(string name, Func<IReadOnlyList<Tensor>, Tensor> function, params Tensor[] inputs)
    {
        if (inputs.Any(input => input.Data is not HostTensor)) return function(inputs);
        using OnnxProgram program = Record(
            name, [.. inputs.Select(input => new GraphInput(input.Shape.ToArray(), input.Type))], given => [function(given)]);
        return program.Run(inputs)[0];
    }

    /// <summary>Writes the graphs as ONNX files that need no other: <c>NAME.onnx</c>, or <c>NAME.0.onnx</c>, <c>NAME.1.onnx</c>, … where functions are called in between.</summary>
    /// <param name="folder">Where to; it exists.</param>
    /// <returns>The files in the order in which they are run.</returns>
    /// <exception cref="InvalidOperationException">The program was run or prepared: it has given its weights away.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public IReadOnlyList<OnnxFile> Export(string folder)
    {
        if (_stages.Any(stage => stage.Session.IsValueCreated)) throw new InvalidOperationException($"{_name} was run already");
        var files = new List<OnnxFile>();
        foreach ((int i, Stage stage) in _stages.Index())
        {
            string name = _stages.Length == 1 ? $"{_name}.onnx" : $"{_name}.{i}.onnx";
            File.WriteAllBytes(Path.Combine(folder, name), ModelWriter.Write(Path.GetFileNameWithoutExtension(name), stage.Nodes, stage.Inputs, stage.Outputs, whole: true).Model);
            HostCall? call = i < _calls.Length ? _calls[i] : null;
            files.Add(new OnnxFile(
                name, [.. stage.Inputs.Select(each => new OnnxPort(each.Name, each.Type, each.Shape))], [.. stage.Outputs.Select(each => new OnnxPort(each.Name, each.Type, each.Shape))],
                call is null ? null : [.. call.Inputs.Select(each => each.Name)], call?.Output.Name));
        }
        return files;
    }

    /// <summary>Creates all sessions now rather than with their first run.</summary>
    /// <param name="withOutputs">Whether the outputs will be asked for.</param>
    public void Prepare(bool withOutputs = true)
    {
        int count = withOutputs ? _stages.Length : _stages.Length - 1;
        Parallel.For(0, count, i => _ = _stages[i].Session.Value);
    }

    /// <summary>Computes.</summary>
    /// <param name="inputs">The inputs; copied where they are not in host memory, row-major.</param>
    /// <param name="context">What functions on the host are called with.</param>
    /// <param name="withOutputs">Whether to compute the outputs; functions on the host are called in any case.</param>
    /// <param name="cancellation">Takes effect after the operator that is being computed.</param>
    /// <returns>The outputs, in host memory; none if they were not asked for.</returns>
    /// <exception cref="TensorException">An input does not fit, or ONNX Runtime failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Tensor[] Run(
        IReadOnlyList<Tensor> inputs, object? context = null, bool withOutputs = true, CancellationToken cancellation = default)
    {
        using IDisposable host = HostEngine.Instance.Use();
        Check(inputs);
        var values = new Dictionary<GraphValue, HostTensor>();
        try
        {
            for (int i = 0; i < _inputs.Length; i++) values[_inputs[i]] = Held(inputs[i]);
            for (int stage = 0; stage < _stages.Length; stage++)
            {
                bool last = stage == _calls.Length;
                if (last && !withOutputs) return [];
                cancellation.ThrowIfCancellationRequested();
                Run(_stages[stage], values, cancellation);
                if (!last) values[_calls[stage].Output] = Call(_calls[stage], context, values);
                // What no later stage and no output asks for goes.
                foreach (GraphValue done in values.Keys.Where(value => LastUse(value) <= stage).ToList())
                {
                    values[done].Dispose();
                    values.Remove(done);
                }
            }
            return [.. _outputs.Select(output => new Tensor(output.Constant is { } constant ? constant.Alias() : values[output].Alias()))];
        }
        finally
        {
            foreach (HostTensor value in values.Values) value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Stage stage in _stages)
        {
            if (stage.Session.IsValueCreated) stage.Session.Value.Dispose();
            stage.Release();
        }
    }

    private static HostTensor Held(Tensor tensor)
    {
        if (tensor.Data is HostTensor data) return data.Packed();
        using Tensor host = tensor.ToHost().Unscoped();
        return (HostTensor)host.Data.Alias();
    }

    private static HostTensor Call(HostCall call, object? context, Dictionary<GraphValue, HostTensor> values)
    {
        using var scope = new TensorScope();
        Tensor[] given = [.. call.Inputs.Select(input => new Tensor((input.Constant ?? values[input]).Alias()))];
        return Held(call.Function(context, given));
    }

    private void Run(Stage stage, Dictionary<GraphValue, HostTensor> values, CancellationToken cancellation)
    {
        if (stage.IsEmpty) return;
        var given = new List<OrtValue>(stage.Inputs.Length);
        try
        {
            foreach (GraphValue input in stage.Inputs) given.Add(ToOrt(values[input]));
            using var options = new RunOptions();
            using CancellationTokenRegistration ending = cancellation.Register(() => options.Terminate = true);
            // Each result owns its memory, and is freed with the tensor that shows it.
            IDisposableReadOnlyCollection<OrtValue> results = stage.Session.Value.Run(
                options, stage.InputNames, given, stage.OutputNames);
            foreach ((int i, OrtValue result) in results.Index()) values[stage.Outputs[i]] = FromOrt(result, stage.Outputs[i].Type);
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException error)
        {
            throw new TensorException($"{_name}: {error.Message.Split('\n', 2)[0]}", error);
        }
        finally
        {
            foreach (OrtValue value in given) value.Dispose();
        }
    }

    private static OrtValue ToOrt(HostTensor tensor) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, (TensorElementType)ModelWriter.TypeOf(tensor.Type), tensor.Shape, tensor.Address,
        tensor.Count * tensor.Type.SizeOf());

    private static HostTensor FromOrt(OrtValue value, ScalarType type)
    {
        long[] shape = value.GetTensorTypeAndShape().Shape;
        if (shape.Contains(0))
        {
            value.Dispose();
            return HostTensor.Allocate(type, shape);
        }
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(value.GetTensorMutableRawData()));
        return HostTensor.Of(address, type, shape, value);
    }

    private void Check(IReadOnlyList<Tensor> inputs)
    {
        if (inputs.Count != _inputs.Length) throw new TensorException($"{_name} takes {_inputs.Length} inputs, not {inputs.Count}");
        for (int i = 0; i < inputs.Count; i++)
        {
            long[] expected = _inputs[i].Shape;
            ReadOnlySpan<long> shape = inputs[i].Shape;
            bool fits = shape.Length == expected.Length && inputs[i].Type == _inputs[i].Type;
            for (int d = 0; fits && d < expected.Length; d++) fits = expected[d] < 0 || expected[d] == shape[d];
            if (!fits)
            {
                throw new TensorException(
                    $"{_name} takes {_inputs[i].Type} [{string.Join(", ", expected.Select(size => size < 0 ? "?" : $"{size}"))}], not {inputs[i]}");
            }
        }
    }

    private int LastUse(GraphValue value)
    {
        if (_outputs.Contains(value)) return int.MaxValue;
        int last = -1;
        for (int i = 0; i < _stages.Length; i++)
            if (_stages[i].Inputs.Contains(value) || (i < _calls.Length && _calls[i].Inputs.Contains(value))) last = i;
        return last;
    }

    private Stage[] Stages(GraphRecorder recorder, GraphValue[] outputs, bool onProcessor)
    {
        // Backwards from what is asked for: what nobody needs is left out.
        var needed = new HashSet<GraphValue>(outputs);
        foreach (HostCall call in recorder.Calls) needed.UnionWith(call.Inputs);
        var nodes = new List<GraphNode>();
        foreach (GraphNode node in recorder.Nodes.Reverse())
        {
            if (!node.Outputs.Any(needed.Contains)) continue;
            nodes.Add(node);
            needed.UnionWith(node.Inputs.OfType<GraphValue>());
        }
        nodes.Reverse();

        var readers = new Dictionary<GraphValue, int>();
        var stages = new Stage[recorder.Calls.Count + 1];
        for (int i = 0; i < stages.Length; i++)
        {
            GraphNode[] own = [.. nodes.Where(node => node.Stage == i)];
            var made = new HashSet<GraphValue>(own.SelectMany(node => node.Outputs));
            GraphValue[] inputs = [.. own.SelectMany(node => node.Inputs).OfType<GraphValue>()
                .Where(value => value.Constant is null && !made.Contains(value)).Distinct()];
            HashSet<GraphValue> elsewhere = [.. outputs, .. recorder.Calls.SelectMany(call => call.Inputs),
                .. nodes.Where(node => node.Stage != i).SelectMany(node => node.Inputs).OfType<GraphValue>()];
            GraphValue[] results = [.. own.SelectMany(node => node.Outputs).Where(elsewhere.Contains)];
            string name = stages.Length == 1 ? _name : $"{_name}.{i}";
            foreach (GraphValue constant in Stage.ConstantsOf(own)) readers[constant] = readers.GetValueOrDefault(constant) + 1;
            stages[i] = new Stage(name, own, inputs, results, onProcessor) { Readers = readers };
        }
        // Those that a host function or the caller gets are held.
        foreach (GraphValue held in outputs.Concat(recorder.Calls.SelectMany(call => call.Inputs)).Distinct())
            if (readers.ContainsKey(held)) readers[held]++;
        return stages;
    }

    private sealed class Stage
    {
        public Stage(string name, GraphNode[] nodes, GraphValue[] inputs, GraphValue[] outputs, bool onProcessor)
        {
            (Nodes, Inputs, Outputs) = (nodes, inputs, outputs);
            InputNames = [.. inputs.Select(each => each.Name)];
            OutputNames = [.. outputs.Select(each => each.Name)];
            IsEmpty = nodes.Length == 0;
            Session = new Lazy<InferenceSession>(() =>
            {
                OnnxRuntime.Start();
                using SessionOptions options = OnnxRuntime.Options(onProcessor);
                (byte[] model, string? folder) = ModelWriter.Write(name, Nodes, Inputs, Outputs);
                if (folder is not null) options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
                Release();
                try
                {
                    var session = new InferenceSession(model, options);
                    Interlocked.Increment(ref s_sessions);
                    return session;
                }
                catch (OnnxRuntimeException error)
                {
                    throw new TensorException($"{name}: {error.Message.Split('\n', 2)[0]}", error);
                }
            });
        }

        public bool IsEmpty { get; }

        public GraphNode[] Nodes { get; private set; }

        public GraphValue[] Inputs { get; }

        public GraphValue[] Outputs { get; }

        public string[] InputNames { get; }

        public string[] OutputNames { get; }

        public Lazy<InferenceSession> Session { get; }

        /// <summary>Constants and how many stages have yet to read each; shared by all stages.</summary>
        public required Dictionary<GraphValue, int> Readers { get; init; }

        /// <summary>Gives up this stage's claim to its constants: those that no other stage reads are freed.</summary>
        public void Release()
        {
            lock (Readers)
            {
                foreach (GraphValue constant in ConstantsOf(Nodes))
                    if (--Readers[constant] == 0) constant.Constant!.Dispose();
                Nodes = [];
            }
        }

        public static IEnumerable<GraphValue> ConstantsOf(IEnumerable<GraphNode> nodes) =>
            nodes.SelectMany(node => node.Inputs).OfType<GraphValue>().Where(value => value.Constant is not null).Distinct();
    }
}
