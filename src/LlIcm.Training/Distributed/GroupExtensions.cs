using LlIcm.Tensors;
using LlIcm.Torch.Distributed;

namespace LlIcm.Training.Distributed;

/// <summary>What training exchanges between processes.</summary>
internal static class GroupExtensions
{
    /// <summary>Sums gradients and a few values over all processes, in one exchange.</summary>
    public static double[] Reduce(this ProcessGroup group, IEnumerable<Tensor> parameters, double[] values, Device device)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        // Which parameters have a gradient follows from the step, so it is the same everywhere.
        Tensor[] gradients = [.. parameters.Select(each => each.Grad).OfType<Tensor>()];
        Tensor numbers = Tensor.From<float>([.. values.Select(each => (float)each)], [values.Length], device);
        Tensor flat = Tensor.Cat(0, [.. gradients.Select(each => each.Reshape(-1)), numbers]);
        group.AllReduce(flat);
        long at = Fill(gradients, flat);
        return [.. flat.Narrow(0, at, values.Length).To(Device.Cpu).ToArray<float>().Select(each => (double)each)];
    }

    /// <summary>Gives all processes the tensors of process 0.</summary>
    public static void Share(this ProcessGroup group, IEnumerable<Tensor> tensors)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor[] all = [.. tensors];
        if (all.Length == 0) return;
        Tensor flat = Tensor.Cat(0, [.. all.Select(each => each.Detach().Reshape(-1))]);
        group.Broadcast(flat);
        Fill(all, flat);
    }

    /// <summary>
    /// Gives every process the rows of all. The gradient of its own rows is made larger by what the loop makes it smaller:
    /// a loss of the whole batch, computed everywhere, then has the gradient it has in one process.
    /// </summary>
    /// <param name="group">The processes; null: there is one.</param>
    /// <param name="rows">This process's rows [B, E].</param>
    /// <param name="part">Which they are.</param>
    public static Tensor Gather(this ProcessGroup? group, Tensor rows, BatchPart part)
    {
        if (group is null || part.IsWhole) return rows;
        Tensor all = Tensor.Zeros([part.Total, rows.Size(1)], rows.Type, rows.Device);
        using (GradMode.Disable())
        {
            all.Narrow(0, part.First, part.Count).CopyInPlace(rows.Detach());
            group.AllReduce(all);
        }
        Tensor still = rows.Detach();
        Tensor own = still + (rows - still) * (1 / part.Share);
        int after = part.First + part.Count;
        return Tensor.Cat(0, all.Narrow(0, 0, part.First), own, all.Narrow(0, after, part.Total - after));
    }

    private static long Fill(Tensor[] tensors, Tensor flat)
    {
        long at = 0;
        foreach (Tensor each in tensors)
        {
            each.CopyInPlace(flat.Narrow(0, at, each.ElementCount).Reshape(each.Shape.ToArray()));
            at += each.ElementCount;
        }
        return at;
    }
}
